/** Tokens of apps at the gateway: as the first segment of a path too, revoked at once, and nowhere to be read. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeOllama, fakeOllama } from '../../src/testing/index.ts'
import { sendRaw } from '../support/raw.ts'
import { chatPaths, goodBody, otherPaths } from './bad-bodies.ts'
import { gatewayScene, ollamaAt, token as owner, type Scene } from './scene.ts'

let engine: FakeOllama
let scene: Scene
let token: string

beforeEach(async () => {
  const models = [{ name: 'a:latest' }, { name: 'e:latest', kind: 'embedding' as const }]
  engine = await fakeOllama({ models, tokensPerSecond: 50 })
  scene = await gatewayScene({ providers: ollamaAt(engine.url), switchTo: 'ollama/a:latest' })
  token = (await scene.test.yard.tokens.create({ name: 'zed' })).token
})
afterEach(async () => {
  await scene[Symbol.asyncDispose]()
  await engine.close()
})

/** With no header that says who asks. */
const anonymous = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(scene.url + path, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...headers },
  })
const running = (): number => [...engine.shelf.loaded.values()].reduce((sum, one) => sum + one.running, 0)

describe('a token in the path', () => {
  it.each(chatPaths)('%s answers', async (path) => {
    const answer = await anonymous(`/t/${token}${path}`, { ...goodBody(path, 'default'), stream: false })
    expect([answer.status, answer.headers.get('x-modelyard-model')]).toEqual([200, 'ollama/a:latest'])
    await answer.text()
  })

  it('opens lists and vectors, and greets', async () => {
    for (const path of ['/v1/models', '/v1/models/default', '/api/tags', '/api/ps', '/api/version', '/'])
      expect([path, (await anonymous(`/t/${token}${path}`)).status]).toEqual([path, 200])
    expect((await fetch(`${scene.url}/t/${token}/`, { method: 'HEAD' })).status).toBe(200)
    const answer = await anonymous(`/t/${token}/v1/embeddings`, { model: 'ollama/e:latest', input: 'Hello' })
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ object: 'list' })])
  })

  it('of nobody opens nothing, in the dialect of the route, and says how one is sent', async () => {
    const before = engine.ledger.length
    for (const path of [...chatPaths, ...otherPaths]) {
      const answer = await anonymous(`/t/nobody-at-all${path}`, goodBody(path, 'default'))
      const text = await answer.text()
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer'])
      expect(text).toContain('Authorization: Bearer …')
      expect(text).not.toContain('nobody-at-all')
      expect(Object.keys(JSON.parse(text))).toEqual(path.startsWith('/v1/messages') ? ['type', 'error'] : ['error'])
    }
    expect(engine.ledger.length).toBe(before)
  })
})

describe('a revoked token', () => {
  it.each(
    chatPaths.filter((path) => path !== '/api/generate').flatMap((path) => ['path', 'bearer', 'key'].map((way) => [path, way] as const)),
  )('%s by %s: its stream ends at once, its work too, and nobody else’s', async (path, way) => {
    const asked = {
      ...goodBody(path, 'default'),
      stream: true,
      ...(path === '/api/chat' ? { options: { num_predict: 1000 } } : { max_tokens: 1000 }),
    }
    const headers = way === 'bearer' ? { authorization: `Bearer ${token}` } : way === 'key' ? { 'x-api-key': token } : {}
    const mine = await anonymous(way === 'path' ? `/t/${token}${path}` : path, asked, headers as Record<string, string>)
    const leaving = new AbortController()
    const theirs = await scene.ask(path, asked, { signal: leaving.signal })
    await expect.poll(running).toBe(2)
    const ended = mine.text().then(
      () => 'whole',
      () => 'cut',
    )
    await scene.test.yard.tokens.revoke('zed')
    expect(await ended).toBe('cut')
    await expect.poll(() => [running(), scene.test.yard.slots.get('default').leases]).toEqual([1, 1])
    expect((await anonymous(`/t/${token}${path}`, asked)).status).toBe(401)
    leaving.abort()
    await theirs.text().catch(() => undefined)
    await expect.poll(() => [running(), scene.test.yard.slots.get('default').leases]).toEqual([0, 0])
  })
})

describe('a token', () => {
  it('is in no answer, log, event or number', async () => {
    const answers: string[] = []
    const raw = async (head: string, body = ''): Promise<void> => {
      const lengthOf = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
      answers.push((await sendRaw(scene.service.port, `${head}\r\nHost: 127.0.0.1:${scene.service.port}\r\n${lengthOf}\r\n${body}`)).text)
    }
    await raw(`GET /t/${token}/v1/nothing HTTP/1.1`)
    await raw(`DELETE /t/${token}/v1/models HTTP/1.1`)
    await raw(`GET /t/${token}x/v1/models HTTP/1.1`)
    await raw(`GET /t/${token}/t/${token}/v1/models HTTP/1.1`)
    await raw(`GET /t/${token}/yard/v1/status HTTP/1.1`)
    await raw(`GET /t/${token}//evil HTTP/1.1`)
    await raw(`POST /t/${token}/v1/chat/completions HTTP/1.1`, '{"model":')
    await raw(`POST /t/${token}/v1/messages HTTP/1.1`, JSON.stringify(goodBody('/v1/messages', `/t/${token}/x`)))
    await raw(`POST /t/${token}/api/chat HTTP/1.1`, JSON.stringify(goodBody('/api/chat', 'nobody')))
    engine.faults.add({ path: '/api/chat', fault: { kind: 'html' }, times: 1 })
    await raw(`POST /t/${token}/api/chat HTTP/1.1`, JSON.stringify(goodBody('/api/chat', 'default')))
    await raw(`GET /t/${owner}/v1/models HTTP/1.1`)
    const everything = [
      ...answers,
      ...scene.logged,
      ...scene.test.logged,
      JSON.stringify([scene.test.events, scene.test.yard.tokens.list(), scene.test.yard.slots.list()]),
      await (await scene.ask('/yard/v1/metrics')).text(),
      JSON.stringify(engine.ledger.map(({ headers, path, text }) => [headers, path, text])),
    ].join('\n')
    expect(answers.map((text) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]))).toEqual([
      404, 405, 401, 404, 404, 401, 400, 404, 404, 502, 401,
    ])
    expect(everything).not.toContain(token)
    expect(everything).not.toContain(owner)
  })
})
