/** An answer in OpenAI's dialect, whole or streamed, as the engines that speak it give it. */
import type { FakeModel } from './fake-models.ts'
import { tokensOf } from './fake-models.ts'
import { type Replying, sendJson } from './fake-server.ts'
import { writeSlowly } from './write-slowly.ts'

export interface OpenAiAnswer extends Replying {
  readonly model: FakeModel
  /** How the answer calls the model. */
  readonly name: string
  readonly fingerprint?: string
  readonly tokensPerSecond?: number | undefined
  /** llama-server closes the connection after a stream. */
  readonly closes?: boolean
  /** Field of thoughts. */
  readonly reasoningField?: 'reasoning' | 'reasoning_content'
}

const defaultTokens = 8
const created = 1_795_394_860

export async function sendOpenAiAnswer(answer: OpenAiAnswer): Promise<void> {
  const { asked, fault } = answer
  const name = fault?.kind === 'wrong-model' ? fault.model : answer.name
  const wanted = asked.body?.max_tokens ?? asked.body?.max_completion_tokens
  const count = fault?.kind === 'nothing' ? 0 : typeof wanted === 'number' ? wanted : defaultTokens
  if (asked.body?.stream === true) return streamed(answer, { name, count })
  let content = ''
  for await (const { text } of tokensOf(answer.model, { count, signal: answer.signal })) content += text
  sendJson(answer.response, {
    ...head(answer, name, 'chat.completion'),
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'length' }],
    usage: usage(count),
  })
}

const head = (answer: OpenAiAnswer, model: string, object: string) => ({
  id: 'chatcmpl-987',
  object,
  created,
  model,
  ...(answer.fingerprint !== undefined && { system_fingerprint: answer.fingerprint }),
})
const usage = (count: number) => ({ prompt_tokens: 3, completion_tokens: count, total_tokens: count + 3 })

async function streamed(answer: OpenAiAnswer, { name, count }: { name: string; count: number }): Promise<void> {
  const { response, fault, signal, asked, reasoningField = 'reasoning_content' } = answer
  const send = (body: unknown): Promise<void> => writeSlowly(response, `data: ${JSON.stringify(body)}\n\n`)
  const chunk = (delta: unknown, finish: string | null = null) => ({
    ...head(answer, name, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  response.writeHead(200, { 'content-type': 'text/event-stream', ...(answer.closes && { connection: 'close' }) })
  await send(chunk({ role: 'assistant', content: null }))
  for await (const { index, text, thought } of tokensOf(answer.model, { count, signal, tokensPerSecond: answer.tokensPerSecond })) {
    if (fault?.kind === 'cut' && index >= fault.after) return void response.end()
    if (fault?.kind === 'reset-after' && index >= fault.after) return void response.socket?.resetAndDestroy()
    if (fault?.kind === 'error-inside' && index >= (fault.after ?? 0)) {
      await send({ error: { code: 500, message: fault.message, type: 'server_error' } })
      return void response.end()
    }
    await send(chunk(thought ? { [reasoningField]: text } : { content: text }))
  }
  await send(chunk({}, 'length'))
  const options = asked.body?.stream_options as { include_usage?: boolean } | undefined
  if (options?.include_usage) await send({ ...head(answer, name, 'chat.completion.chunk'), choices: [], usage: usage(count) })
  response.end('data: [DONE]\n\n')
}
