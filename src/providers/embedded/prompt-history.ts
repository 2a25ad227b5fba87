/** The messages of a chat as the engine's package wants them: an answer with its calls and their results is one item. */
import { type ChatContent, type ChatMessage, ModelyardError } from '../../contract/index.ts'
import type { FunctionCallItem, HistoryItem, ModelItem } from './llama-types.ts'

export function historyOf(messages: readonly ChatMessage[]): HistoryItem[] {
  const history: HistoryItem[] = []
  const calls = new Map<string, FunctionCallItem>()
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`
    if (message.role === 'assistant') addAnswer(message, { at, calls, item: continued(history, messages[index - 1]) })
    else if (message.role === 'tool') addResult(message, at, calls)
    else history.push({ type: message.role, text: textOf(message.content, at) })
  }
  continued(history, messages.at(-1))
  return history
}

/** After the result of a call the answer goes on; else one begins. */
function continued(history: HistoryItem[], before: ChatMessage | undefined): ModelItem {
  const last = history.at(-1)
  if (before?.role === 'tool' && last?.type === 'model') return last
  const item: ModelItem = { type: 'model', response: [] }
  history.push(item)
  return item
}

type Answer = Extract<ChatMessage, { role: 'assistant' }>

function addAnswer(
  { content, reasoning, toolCalls = [] }: Answer,
  { at, calls, item }: { at: string; calls: Map<string, FunctionCallItem>; item: ModelItem },
): void {
  if (reasoning) item.response.push({ type: 'segment', segmentType: 'thought', text: reasoning, ended: true })
  const text = textOf(content, at)
  if (text !== '' || (toolCalls.length === 0 && !reasoning)) item.response.push(text)
  for (const [index, call] of toolCalls.entries()) {
    const params = objectOf(call.arguments, `${at}.toolCalls[${index}].arguments`)
    const made: FunctionCallItem = { type: 'functionCall', name: call.name, params, result: undefined, startsNewChunk: index === 0 }
    item.response.push(made)
    calls.set(call.id, made)
  }
}

function addResult(
  { toolCallId, content }: Extract<ChatMessage, { role: 'tool' }>,
  at: string,
  calls: ReadonlyMap<string, FunctionCallItem>,
): void {
  const call = calls.get(toolCallId)
  if (!call) throw refused(`${at}.toolCallId`, 'no message before it has such a call.')
  const text = textOf(content, at)
  call.result = parsed(text) ?? text
}

/** Models were taught results as JSON: what is an object or a list is given as such. */
function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as object
  } catch {
    return undefined
  }
}

function objectOf(text: string, field: string): object {
  const value = text.trim() === '' ? {} : parsed(text)
  if (value === undefined || Array.isArray(value)) throw refused(field, 'expected JSON of an object.')
  return value
}

/** To leave a picture out in silence would be an answer to another question. */
function textOf(content: ChatContent, at: string): string {
  if (typeof content === 'string') return content
  return content
    .map((part, index) => {
      if (part.type === 'text') return part.text
      throw refused(
        `${at}.content[${index}]`,
        'the embedded engine reads text, no pictures.',
        'Use an engine whose model can see, such as Ollama or llama-server.',
      )
    })
    .join('')
}

export const refused = (field: string, what: string, hint?: string): ModelyardError =>
  new ModelyardError('invalid_request', `${field}: ${what}`, { details: { field }, ...(hint !== undefined && { hint }) })
