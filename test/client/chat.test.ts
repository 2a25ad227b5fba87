import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { ModelyardError } from '../../src/contract/index.ts'
import { eventStream, refuse, scriptedServer } from './scripted-server.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
const start = { type: 'start', model: 'ollama/a', slot: 'default', epoch: 3 }

async function gather<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const part of parts) all.push(part)
  return all
}

type Saying = { type: string; [member: string]: unknown }

async function serverSaying(events: Saying[]) {
  return scriptedServer((_, response) => {
    const stream = eventStream(response)
    for (const event of events) stream.send(event)
    stream.end()
  })
}

describe('chat', () => {
  it('streams the parts, and gathers them', async () => {
    const parts = [start, { type: 'reasoning', text: 'hm' }, { type: 'delta', text: 'Hi' }, { type: 'delta', text: '!' }]
    const end = { type: 'end', finishReason: 'stop', usage: { completionTokens: 2 } }
    const server = await serverSaying([...parts, end])
    const chat = createClient({ url: server.url }).chat()
    expect(await gather(chat.stream({ messages, maxTokens: 5 }))).toEqual([...parts, end])
    expect(await chat.complete({ messages, signal: new AbortController().signal })).toEqual({
      model: 'ollama/a',
      epoch: 3,
      text: 'Hi!',
      reasoning: 'hm',
      toolCalls: [],
      finishReason: 'stop',
      usage: { completionTokens: 2 },
    })
    expect(server.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/yard/v1/slots/default/chat', { messages, maxTokens: 5 }],
      ['POST', '/yard/v1/slots/default/chat', { messages }],
    ])
  })

  it('throws an error that comes inside the stream', async () => {
    const error = new ModelyardError('provider_error', 'llama runner died').toBody()
    const server = await serverSaying([start, { type: 'delta', text: 'Hi' }, { type: 'error', error }])
    await expect(createClient({ url: server.url }).chat('code').complete({ messages })).rejects.toMatchObject({
      code: 'provider_error',
      message: 'llama runner died',
    })
  })

  it('never takes a cut answer for a whole one', async () => {
    const server = await serverSaying([start, { type: 'delta', text: 'Hi' }])
    await expect(createClient({ url: server.url }).chat().complete({ messages })).rejects.toMatchObject({ code: 'service_unreachable' })
  })

  it('throws a refusal before anything is streamed', async () => {
    const server = await scriptedServer((_, response) => refuse(response, new ModelyardError('slot_empty')))
    await expect(createClient({ url: server.url }).chat().complete({ messages })).rejects.toMatchObject({ code: 'slot_empty' })
  })

  it('ends the connection when the loop is left', async () => {
    let gone: () => void = () => {}
    const isGone = new Promise<void>((resolve) => {
      gone = resolve
    })
    const server = await scriptedServer((_, response) => {
      response.on('close', gone)
      eventStream(response).send(start as { type: string })
    })
    for await (const part of createClient({ url: server.url }).chat().stream({ messages })) {
      expect(part.type).toBe('start')
      break
    }
    await isGone
  })
})
