/** What each dialect's streams are made of, checked event by event; the text that they say. Throws what is not as it should be. */
import { expect } from 'vitest'

type Fields = Record<string, unknown>

const eventsIn = (stream: string): string[] => {
  expect(stream.endsWith('\n\n')).toBe(true)
  return stream.split('\n\n').filter((event) => event !== '')
}

function dataOf(event: string): string {
  const found = /^data: (.*)$/m.exec(event)?.[1]
  if (found === undefined) throw new Error(`no data in ${event}`)
  return found
}

function openaiText(stream: string): string {
  const datas = eventsIn(stream).map(dataOf)
  expect(datas.at(-1)).toBe('[DONE]')
  const chunks = datas.slice(0, -1).map((data) => JSON.parse(data) as Fields)
  expect(new Set(chunks.map(({ object }) => object))).toEqual(new Set(['chat.completion.chunk']))
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
  const choices = chunks.flatMap((chunk) => chunk.choices as { finish_reason: string | null; delta: { content?: string | null } }[])
  const reasons = choices.map(({ finish_reason }) => finish_reason).filter((reason) => reason !== null)
  expect(reasons).toHaveLength(1)
  expect(choices.at(-1)?.finish_reason).toBe(reasons[0])
  return choices.map(({ delta }) => delta.content ?? '').join('')
}

function anthropicText(stream: string): string {
  const events = eventsIn(stream).map((event) => {
    const data = JSON.parse(dataOf(event)) as Fields
    expect(event.startsWith(`event: ${String(data.type)}\ndata: `)).toBe(true)
    return data
  })
  const order = events.map(({ type }) => String(type)).filter((type) => type !== 'ping')
  expect(order.join(' ')).toMatch(
    /^message_start( content_block_start( content_block_delta)* content_block_stop)* message_delta message_stop$/,
  )
  let open = -1
  for (const { type, index } of events) {
    if (type === 'content_block_start') open += 1
    if (String(type).startsWith('content_block_')) expect(index).toBe(open)
  }
  const reason = events.find(({ type }) => type === 'message_delta')?.delta as { stop_reason?: unknown }
  expect(reason.stop_reason).toEqual(expect.any(String))
  return events.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? '').join('')
}

function ollamaText(stream: string): string {
  expect(stream.endsWith('\n')).toBe(true)
  const lines = stream
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Fields)
  for (const line of lines) expect(line).toMatchObject({ model: expect.any(String), created_at: expect.any(String) })
  expect(lines.map(({ done }) => done)).toEqual(lines.map((_, at) => at === lines.length - 1))
  expect(lines.at(-1)).toMatchObject({ done_reason: expect.any(String), eval_count: expect.any(Number) })
  return lines.map(({ message, response }) => (message as { content?: string } | undefined)?.content ?? response ?? '').join('')
}

function responsesText(stream: string): string {
  const events = eventsIn(stream).map((event) => JSON.parse(dataOf(event)) as Fields)
  expect(events[0]).toMatchObject({ type: 'response.created' })
  expect(events.at(-1)).toMatchObject({ type: 'response.completed' })
  return events.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : '')).join('')
}

export const textOfStream = (path: string, stream: string): string => {
  if (path === '/v1/responses') return responsesText(stream)
  if (path === '/v1/messages') return anthropicText(stream)
  return path.startsWith('/api/') ? ollamaText(stream) : openaiText(stream)
}
