/** What an answer consists of: text and thoughts, a text of a form, calls of tools; and why it ended. */

import { writeCalls } from './child-calls.ts'
import type { ChatModel } from './child-load.ts'
import type { Prompt } from './child-prompt.ts'
import { createTextCutter, type Piece } from './child-text.ts'
import { compile, type Writing } from './child-writing.ts'
import type { FromChild, Request } from './messages.ts'

export interface Job {
  readonly loaded: ChatModel
  readonly request: Extract<Request, { type: 'chat' }>
  readonly prompt: Prompt
  readonly writing: Writing
  /** Waits for credit. */
  readonly say: (piece: FromChild) => Promise<void>
}

/** Undefined when nobody wants it any more. */
export type Finish = 'stop' | 'length' | 'tool_calls' | undefined

export async function writeAnswer(job: Job): Promise<Finish> {
  const { loaded, request, prompt, writing } = job
  const { calls, grammar } = request.options
  if (grammar !== undefined) return writeForm(job, grammar)
  if (calls?.forced) return writeCalls(job, { begun: false })
  const cutter = createTextCutter({ model: loaded.model, before: prompt.tokens.slice(-8), marks: prompt.marks })
  const ended = await writeText(job, { cutter, generated: writing.generate() })
  if (cutter.afterCall === undefined) return ended
  writing.takeBack(cutter.afterCall)
  return writeCalls(job, { begun: true })
}

/** Text that is valid from its first letter to its last, unless it is cut by a limit or a stop word. */
async function writeForm(job: Job, grammar: string): Promise<Finish> {
  const { loaded, request, prompt, writing } = job
  const compiled = await compile(loaded, grammar, 'format.schema')
  const list = (request.options.stop ?? []).map((text) => ({ text, begins: 'end' as const }))
  const marks = { list, thinking: false, opening: undefined, control: false }
  const cutter = createTextCutter({ model: loaded.model, before: prompt.tokens.slice(-8), marks })
  return writeText(job, { cutter, generated: writing.generate(compiled) })
}

interface Source {
  readonly cutter: ReturnType<typeof createTextCutter>
  readonly generated: ReturnType<Writing['generate']>
}

async function writeText({ request: { id }, writing, say }: Job, { cutter, generated }: Source): Promise<Finish> {
  const tell = async (pieces: readonly Piece[]): Promise<void> => {
    for (const piece of pieces) await say({ type: 'piece', id, ...piece })
  }
  for await (const token of generated) {
    await tell(cutter.push(token))
    if (cutter.stopped) break
  }
  if (writing.over === 'aborted') return undefined
  await tell(cutter.end())
  return cutter.stopped || writing.over === 'stop' ? 'stop' : 'length'
}
