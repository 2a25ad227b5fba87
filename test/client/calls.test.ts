import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { ModelyardError } from '../../src/contract/index.ts'
import { json, refuse, scriptedServer } from './scripted-server.ts'

describe('calls', () => {
  it('sends the token in the header and a ref as one segment', async () => {
    const server = await scriptedServer((_, response) => json(response, { ref: 'lmstudio/qwen/qwen3-8b' }))
    let token = 'mdy_first'
    const client = createClient({ url: `${server.url}/`, token: () => token })
    await client.models.get('lmstudio/qwen/qwen3-8b@q4')
    token = 'mdy_second'
    await client.models.load('ollama/a b', { contextLength: 8192 })
    expect(server.asked.map(({ method, path, headers, body }) => [method, path, headers.authorization, body])).toEqual([
      ['GET', '/yard/v1/models/lmstudio%2Fqwen%2Fqwen3-8b%40q4', 'Bearer mdy_first', undefined],
      ['POST', '/yard/v1/models/ollama%2Fa%20b/load', 'Bearer mdy_second', { contextLength: 8192 }],
    ])
  })

  it('leaves out what is not asked for, and unwraps lists', async () => {
    const server = await scriptedServer((_, response) => json(response, { models: [], providers: [], slots: [1], findings: [2] }))
    const client = createClient({ url: server.url })
    await client.models.list()
    await client.models.list({ kind: 'all', provider: 'ollama' })
    expect(await client.slots.list()).toEqual([1])
    expect(await client.doctor()).toEqual([2])
    await client.slots.put('code')
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/yard/v1/models',
      '/yard/v1/models?kind=all&provider=ollama',
      '/yard/v1/slots',
      '/yard/v1/doctor',
      '/yard/v1/slots/code',
    ])
    expect(server.asked[4]?.body).toEqual({})
    expect(server.asked[0]?.headers).not.toHaveProperty('authorization')
  })

  it('takes an empty answer', async () => {
    const server = await scriptedServer((_, response) => void response.writeHead(204).end())
    await expect(createClient({ url: server.url }).slots.remove('code')).resolves.toBeUndefined()
  })

  it('throws what the service refused, whole', async () => {
    const error = new ModelyardError('model_ambiguous', 'Two have it.', { hint: 'Choose.', details: { candidates: ['a/x', 'b/x'] } })
    const server = await scriptedServer((_, response) => refuse(response, error))
    const caught = await createClient({ url: server.url })
      .models.get('x')
      .catch((thrown: unknown) => thrown)
    expect(ModelyardError.is(caught) && caught.toBody()).toEqual(error.toBody())
  })

  it.each([
    ['a page', 200, 'text/html', '<html>'],
    ['a plain error', 502, 'text/plain', 'Bad gateway'],
    ['broken JSON', 200, 'application/json', '{"a":'],
    ['another program', 404, 'application/json', '{"detail":"Not Found"}'],
  ])('says that %s is not the service', async (_, status, type, body) => {
    const server = await scriptedServer((__, response) => void response.writeHead(status, { 'content-type': type }).end(body))
    await expect(createClient({ url: server.url }).status()).rejects.toMatchObject({ code: 'service_unreachable' })
  })

  it('says that nobody is there, and when the answer is cut', async () => {
    const server = await scriptedServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"a"', () => server.drop())
    })
    const client = createClient({ url: server.url })
    await expect(client.status()).rejects.toMatchObject({ code: 'service_unreachable', retryable: true })
    await server.close()
    await expect(client.status()).rejects.toMatchObject({ code: 'service_unreachable', message: expect.stringContaining(server.url) })
  })

  it('follows no redirect: a token goes to one address only', async () => {
    const elsewhere = await scriptedServer((_, response) => json(response, {}))
    const server = await scriptedServer(
      (_, response) => void response.writeHead(307, { location: `${elsewhere.url}/yard/v1/status` }).end(),
    )
    await expect(createClient({ url: server.url, token: 'mdy_x' }).status()).rejects.toMatchObject({ code: 'service_unreachable' })
    expect(elsewhere.asked).toEqual([])
  })

  it('ends with the reason of the signal', async () => {
    const server = await scriptedServer(() => stop.abort())
    const stop = new AbortController()
    await expect(createClient({ url: server.url }).status({ signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
    await expect(createClient({ url: server.url }).status({ signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
    expect(server.asked).toHaveLength(1)
  })

  it.each(['ftp://127.0.0.1', 'nonsense', 'http://user:secret@127.0.0.1'])('refuses the address %s', (url) => {
    expect(() => createClient({ url })).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})
