import { ModelyardError, type Tool, type ToolChoice } from '../contract/index.ts'
import type { ProviderChatRequest } from './provider.ts'

export interface ChosenTools {
  /** Empty: none is offered to the model. */
  readonly tools: readonly Tool[]
  readonly choice: Exclude<ToolChoice, 'none'>
}

/** The tools that the model gets to see: none where the caller chose none. Throws `invalid_request` for a choice without its tool. */
export function chosenTools({ tools = [], toolChoice: choice = 'auto' }: ProviderChatRequest): ChosenTools {
  if (choice === 'none') return { tools: [], choice: 'auto' }
  if (choice === 'required' && tools.length === 0) throw refusal('toolChoice', 'A tool has to be called, but none is given.')
  if (typeof choice === 'object' && !tools.some(({ name }) => name === choice.name)) {
    throw refusal('toolChoice.name', `The tool "${choice.name}" has to be called, but is not among those given.`)
  }
  return { tools, choice }
}

/** What an engine cannot be asked: refused before anything is sent. `field` is the neutral request's own. */
export const refusal = (field: string, message: string, hint?: string): ModelyardError =>
  new ModelyardError('invalid_request', message, { details: { field }, hint })

/** JSON Schema of a tool that takes nothing. */
export const noParameters = { type: 'object', properties: {} } as const
