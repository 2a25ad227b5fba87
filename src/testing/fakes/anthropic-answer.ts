/** An answer in Anthropic's dialect, whole or streamed, as Ollama and llama-server give it. */
import type { FakeModel, FakeShelf } from './fake-models.ts'
import { type Replying, sendJson } from './fake-server.ts'
import { nothingPlanned, type Planned, planAnswer, type Wanted, wordsOf } from './planned-answer.ts'
import { writeSlowly } from './write-slowly.ts'

export interface AnthropicAnswer extends Replying {
  readonly shelf: FakeShelf
  readonly model: FakeModel
  /** How the answer calls the model. */
  readonly name: string
  readonly tokensPerSecond?: number | undefined
  /**
   * llama-server names the stop sequence though there is none, says what of the prompt it had, closes after a stream, and
   * drops which tool is wanted or that none is, and that nothing shall be thought.
   */
  readonly llamaServer?: boolean
}

type Fields = Readonly<Record<string, unknown>>

const reasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const

export async function sendAnthropicAnswer(answer: AnthropicAnswer): Promise<void> {
  const { asked, fault, model } = answer
  const planned = fault?.kind === 'nothing' ? nothingPlanned : planAnswer(answer.shelf, model, wantedIn(answer))
  if (asked.body?.stream === true) return streamed(answer, planned)
  const { content, thoughts } = await wordsOf(planned, answer.signal)
  const blocks = [
    ...(thoughts === '' ? [] : [{ type: 'thinking', thinking: thoughts, signature: '' }]),
    ...(content === '' ? [] : [{ type: 'text', text: content }]),
    ...planned.calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
  ]
  sendJson(answer.response, {
    ...messageOf(answer, blocks),
    stop_reason: reasons[planned.finish],
    ...(answer.llamaServer && { stop_sequence: null }),
    usage: usageOf(answer, planned.count),
  })
}

function wantedIn({ asked, llamaServer }: AnthropicAnswer): Wanted {
  const { max_tokens: limit, tools, tool_choice: choice, messages, thinking } = asked.body ?? ({} as Fields)
  const { type, name } = (llamaServer ? {} : (choice ?? {})) as { type?: string; name?: string }
  const offered = (type === 'none' ? [] : (tools ?? [])) as { name: string; input_schema?: unknown }[]
  const last = (messages as { content?: unknown }[] | undefined)?.at(-1)?.content
  return {
    limit: typeof limit === 'number' ? limit : undefined,
    tools: offered.map((tool) => ({ name: tool.name, parameters: tool.input_schema })),
    named: name,
    answered: Array.isArray(last) && last.some((block: { type?: string }) => block.type === 'tool_result'),
    thinks: llamaServer === true || (thinking as { type?: string } | undefined)?.type !== 'disabled',
  }
}

const messageOf = ({ fault, name }: AnthropicAnswer, content: readonly Fields[]) => ({
  id: 'msg_fake',
  type: 'message',
  role: 'assistant',
  model: fault?.kind === 'wrong-model' ? fault.model : name,
  content,
})

const usageOf = ({ llamaServer }: AnthropicAnswer, count: number) => ({
  ...(llamaServer && { cache_read_input_tokens: 2 }),
  input_tokens: llamaServer ? 1 : 3,
  output_tokens: count,
})

async function streamed(answer: AnthropicAnswer, planned: Planned): Promise<void> {
  const { response, fault, signal, llamaServer } = answer
  const send = (type: string, fields: Fields): Promise<void> =>
    writeSlowly(response, `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream', ...(llamaServer && { connection: 'close' }) })
  const unended = llamaServer ? { stop_reason: null, stop_sequence: null } : {}
  await send('message_start', { message: { ...messageOf(answer, []), ...unended, usage: usageOf(answer, 0) } })
  const blocks = createBlocks(send)
  for await (const { index, text, thought } of planned.pieces({ signal, tokensPerSecond: answer.tokensPerSecond })) {
    if (fault?.kind === 'cut' && index >= fault.after) return void response.end()
    if (fault?.kind === 'reset-after' && index >= fault.after) return void response.socket?.resetAndDestroy()
    if (fault?.kind === 'error-inside' && index >= (fault.after ?? 0)) {
      await send('error', { error: { type: 'api_error', message: fault.message } })
      return void response.end()
    }
    if (thought) await blocks.add({ type: 'thinking', thinking: '', signature: '' }, { type: 'thinking_delta', thinking: text })
    else await blocks.add({ type: 'text', text: '' }, { type: 'text_delta', text })
  }
  for (const { id, name, arguments: input } of planned.calls) {
    await blocks.close()
    await blocks.add({ type: 'tool_use', id, name, input: {} }, { type: 'input_json_delta', partial_json: JSON.stringify(input) })
  }
  await blocks.close()
  const delta = { stop_reason: reasons[planned.finish], ...(llamaServer && { stop_sequence: null }) }
  await send('message_delta', { delta, usage: llamaServer ? { output_tokens: planned.count } : usageOf(answer, planned.count) })
  await send('message_stop', {})
  response.end()
}

/** Pieces of one kind share a block. */
function createBlocks(send: (type: string, fields: Fields) => Promise<void>) {
  let index = -1
  let open: unknown
  const close = async (): Promise<void> => {
    if (open !== undefined) await send('content_block_stop', { index })
    open = undefined
  }
  return {
    close,
    async add(block: Fields, delta: Fields): Promise<void> {
      if (open !== block.type) {
        await close()
        index += 1
        open = block.type
        await send('content_block_start', { index, content_block: block })
      }
      await send('content_block_delta', { index, delta })
    },
  }
}
