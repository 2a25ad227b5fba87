/** The answer of `POST /v1/responses`, whole or streamed, as Ollama 0.32.15 gives it (recordings 55 and 56). Text only. */

import { sendJson } from './fake-server.ts'
import type { OpenAiAnswer } from './openai-answer.ts'
import { nothingPlanned, type Planned, planAnswer, wordsOf } from './planned-answer.ts'
import { writeSlowly } from './write-slowly.ts'

type Fields = Readonly<Record<string, unknown>>

const at = 1_795_394_860
const itemId = 'msg_61738'

export async function sendOpenAiResponse(answer: OpenAiAnswer): Promise<void> {
  const { asked, fault, shelf, model } = answer
  const limit = asked.body?.max_output_tokens
  const wanted = { limit: typeof limit === 'number' ? limit : undefined, tools: [], answered: true, thinks: false }
  const planned = fault?.kind === 'nothing' ? nothingPlanned : planAnswer(shelf, model, wanted)
  if (asked.body?.stream === true) return streamed(answer, planned)
  const { content } = await wordsOf(planned, answer.signal)
  sendJson(answer.response, responseOf(answer, planned, content), 200, 'application/json')
}

function responseOf({ asked, fault, name }: OpenAiAnswer, { count }: Planned, text?: string): Fields {
  const done = text !== undefined
  return {
    id: 'resp_593093',
    object: 'response',
    created_at: at,
    completed_at: done ? at : null,
    status: done ? 'completed' : 'in_progress',
    incomplete_details: null,
    model: fault?.kind === 'wrong-model' ? fault.model : name,
    previous_response_id: null,
    instructions: null,
    output: done ? [itemOf(text)] : [],
    error: null,
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    text: { format: { type: 'text' } },
    usage: done ? { input_tokens: 3, output_tokens: count, total_tokens: count + 3 } : null,
    max_output_tokens: asked.body?.max_output_tokens ?? null,
    metadata: {},
  }
}

const partOf = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })
const itemOf = (text?: string) => ({
  id: itemId,
  type: 'message',
  status: text === undefined ? 'in_progress' : 'completed',
  role: 'assistant',
  content: text === undefined ? [] : [partOf(text)],
})

async function streamed(answer: OpenAiAnswer, planned: Planned): Promise<void> {
  const { response, fault, signal } = answer
  let sequence = 0
  const send = (type: string, fields: Fields): Promise<void> =>
    writeSlowly(response, `event: ${type}\ndata: ${JSON.stringify({ ...fields, sequence_number: sequence++, type })}\n\n`)
  const place = { output_index: 0, content_index: 0, item_id: itemId }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  await send('response.created', { response: responseOf(answer, planned) })
  await send('response.in_progress', { response: responseOf(answer, planned) })
  await send('response.output_item.added', { output_index: 0, item: itemOf() })
  await send('response.content_part.added', { ...place, part: partOf('') })
  let said = ''
  for await (const { index, text } of planned.pieces({ signal, tokensPerSecond: answer.tokensPerSecond })) {
    if (fault?.kind === 'cut' && index >= fault.after) return void response.end()
    if (fault?.kind === 'reset-after' && index >= fault.after) return void response.socket?.resetAndDestroy()
    said += text
    await send('response.output_text.delta', { ...place, delta: text, logprobs: [] })
  }
  await send('response.output_text.done', { ...place, text: said, logprobs: [] })
  await send('response.content_part.done', { ...place, part: partOf(said) })
  await send('response.output_item.done', { output_index: 0, item: itemOf(said) })
  await send('response.completed', { response: responseOf(answer, planned, said) })
  response.end()
}
