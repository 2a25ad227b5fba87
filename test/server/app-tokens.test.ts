/** What app tokens open over a real listener, and that what runs with one ends when it is revoked. */
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { createClient } from '../../src/client/index.ts'
import { ModelyardError, type Problem, redact, routes } from '../../src/contract/index.ts'
import { createAccess } from '../../src/server/access.ts'
import { gatewayCaller, pathToken } from '../../src/server/credential.ts'
import { type Listening, listen } from '../../src/server/listen.ts'
import { endRevokedAnswers } from '../../src/server/open-answers.ts'
import { sendRaw } from '../support/raw.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const owner = 'the-token-of-the-home-of-this-test'
const homeToken = { matches: (candidate: string) => candidate === owner, onRotate: () => () => {} }

let test: TestYard
let service: Listening
const logged: string[] = []

beforeEach(async () => {
  test = await testYard()
  logged.length = 0
  service = await listen({
    yard: test.yard,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: ['https://app.example'],
    tokens: homeToken,
    log: (message, error) => void logged.push(`${message} ${String(error ?? '')}`),
  })
})
afterEach(async () => {
  await service.close(0)
  await test[Symbol.asyncDispose]()
})

const clientWith = (token: string) => createClient({ url: service.url, token })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', (code) => resolve(code)))

describe('app tokens over HTTP', () => {
  it('are made, listed and revoked, by the home and by a token of control', async () => {
    const client = clientWith(owner)
    const control = await client.tokens.create({ name: 'panel', scope: 'control' })
    const gateway = await clientWith(control.token).tokens.create({ name: 'zed' })
    expect(await client.tokens.list()).toEqual([
      { name: 'panel', scope: 'control', kind: 'app', createdAt: expect.any(String), lastUsedAt: expect.any(String) },
      { name: 'zed', scope: 'gateway', kind: 'app', createdAt: expect.any(String) },
    ])
    await client.tokens.revoke('zed')
    expect((await client.tokens.list()).map(({ name }) => name)).toEqual(['panel'])
    await expect(client.tokens.revoke('zed')).rejects.toMatchObject({ code: 'token_not_found' })
    await expect(client.tokens.create({ name: 'panel' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(clientWith(gateway.token).status()).rejects.toMatchObject({ code: 'unauthorized' })
    // The one that revokes itself is answered.
    await clientWith(control.token).tokens.revoke('panel')
    await expect(clientWith(control.token).status()).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('of the gateway open no route of control, known or not, and are told so', async () => {
    const { token } = await test.yard.tokens.create({ name: 'zed' })
    for (const [name, { method, path, ...route }] of Object.entries(routes)) {
      if ('open' in route) continue
      const answer = await fetch(service.url + path.replace(/\{\w+\}/g, 'x'), { method, ...bearer(token) })
      expect([name, answer.status, ((await answer.json()) as Problem).error.code]).toEqual([name, 403, 'forbidden'])
    }
    const unknown = await fetch(`${service.url}/yard/v1/nothing`, bearer(token))
    expect([unknown.status, ((await unknown.json()) as Problem).error.message]).toEqual([403, expect.stringContaining('gateway')])
    expect(test.yard.slots.list()).toHaveLength(1)
  })

  it('open no socket with the wrong scope, by header or by first message', async () => {
    const { token } = await test.yard.tokens.create({ name: 'zed' })
    const address = `${service.url.replace('http', 'ws')}/yard/v1/events`
    const refused = new WebSocket(address, bearer(token))
    const status = await new Promise((resolve) => {
      refused.once('unexpected-response', (_, response) => resolve(response.statusCode))
      refused.on('error', () => {})
    })
    expect(status).toBe(403)
    refused.terminate()
    const later = new WebSocket(address)
    await new Promise((resolve) => later.once('open', resolve))
    const code = closed(later)
    later.send(JSON.stringify({ token }))
    expect(await code).toBe(4401)
  })

  it('are in no list, event, log or error', async () => {
    const { token } = await test.yard.tokens.create({ name: 'zed' })
    const answers = await Promise.all(
      [
        `GET /t/${token}/v1/models HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\n\r\n`,
        `GET /t/${token}/yard/v1/status HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${owner}\r\n\r\n`,
        `GET /t/${owner}/yard/v1/status HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${owner}\r\n\r\n`,
        `GET /t/${owner}/v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
        `DELETE /yard/v1/tokens/${owner} HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      ].map((bytes) => sendRaw(service.port, bytes)),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 403, 403])
    await test.yard.tokens.revoke('zed')
    const everything = [
      ...answers.map(({ text }) => text),
      ...logged,
      ...test.logged,
      JSON.stringify([test.events, test.yard.tokens.list()]),
    ]
    expect(everything.join('\n')).not.toContain(token)
    expect(everything.join('\n')).not.toContain(owner)
  })
})

describe('a revoked token', () => {
  it('ends its stream and its socket at once, and nobody else', async () => {
    const { token } = await test.yard.tokens.create({ name: 'panel', scope: 'control' })
    const events = clientWith(token).events()
    const others = clientWith(owner).events()
    await events.next()
    await others.next()
    const sockets = [token, owner].map((one) => new WebSocket(`${service.url.replace('http', 'ws')}/yard/v1/events`, bearer(one)))
    const [mine, theirs] = sockets as [WebSocket, WebSocket]
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('message', resolve))))
    const code = closed(mine)
    const ended = expect(events.next()).rejects.toMatchObject({ code: 'unauthorized' })
    await test.yard.tokens.revoke('panel')
    expect(await code).toBe(4401)
    await ended
    const next = new Promise((resolve) => theirs.once('message', (data) => resolve(JSON.parse(String(data)).type)))
    await test.yard.slots.put('default', { queueSeconds: 7 })
    expect([(await others.next()).value?.type, await next]).toEqual(['slot.changed', 'slot.changed'])
    theirs.close()
    await others.return()
  })

  it('cuts off whoever does not answer the farewell', async () => {
    const { token } = await test.yard.tokens.create({ name: 'panel', scope: 'control' })
    const socket = connect({ host: '127.0.0.1', port: service.port })
    socket.write(
      `GET /yard/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await new Promise<void>((resolve) => {
      socket.on('data', (data) => data.includes('"snapshot"') && resolve())
    })
    const cut = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()))
    await test.yard.tokens.revoke('panel')
    await cut
  })

  it('ends answers of the gateway, whichever way the token came, begun or not', async () => {
    const access = createAccess(homeToken, test.yard.tokens)
    const [zed, aider] = [await test.yard.tokens.create({ name: 'zed' }), await test.yard.tokens.create({ name: 'aider' })]
    let asked = 0
    const server = createServer((request, response) => {
      asked += 1
      if (request.url?.endsWith('/begun')) response.write('{}\n')
    })
    const unwatch = endRevokedAnswers(server, access)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ends = (path: string, headers: Record<string, string>): Promise<string> =>
      fetch(url + path, { headers })
        .then((answer) => answer.text())
        .then(
          () => 'whole',
          () => 'cut',
        )
    const mine = [
      ends('/v1/begun', { authorization: `Bearer ${zed.token}` }),
      ends('/v1/waiting', { 'x-api-key': zed.token }),
      ends(`/t/${zed.token}/v1/begun`, { authorization: 'Bearer made-up' }),
    ]
    let other = 'open'
    void ends('/v1/begun', { authorization: `Bearer ${aider.token}` }).then((end) => (other = end))
    while (asked < 4) await new Promise((resolve) => setImmediate(resolve))
    await test.yard.tokens.revoke('zed')
    expect(await Promise.all(mine)).toEqual(['cut', 'cut', 'cut'])
    expect(other).toBe('open')
    unwatch()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('the token in the path', () => {
  const asks = (url: string, headers: string[] = []): IncomingMessage => ({ url, rawHeaders: headers }) as IncomingMessage

  it.each([
    ['/t/abc/v1/models?x=1', { token: 'abc', rest: '/v1/models?x=1' }],
    ['/t/abc/', { token: 'abc', rest: '/' }],
    ['/t/abc', { token: 'abc', rest: '/' }],
    ['/t/abc?x', { token: 'abc', rest: '/?x' }],
    ['/t/abc//evil', undefined],
    ['/t//v1', undefined],
    ['/t/a%2fb/v1', undefined],
    ['/t/a b/v1', undefined],
    ['/T/abc/v1', undefined],
    ['/v1/t/abc/v1', undefined],
    [`/t/${'x'.repeat(513)}/v1`, undefined],
  ])('of %s', (url, expected) => expect(pathToken(url)).toEqual(expected))

  it('is a gateway token or none; headers carry any', async () => {
    const access = createAccess(homeToken, test.yard.tokens)
    const zed = await test.yard.tokens.create({ name: 'zed' })
    const panel = await test.yard.tokens.create({ name: 'panel', scope: 'control' })
    const caller = { name: 'zed', scope: 'gateway', url: '/v1/models' }
    expect(gatewayCaller(asks(`/t/${zed.token}/v1/models`, ['Authorization', 'Bearer ollama']), access)).toEqual(caller)
    expect(gatewayCaller(asks('/v1/models', ['X-Api-Key', zed.token]), access)).toEqual(caller)
    expect(gatewayCaller(asks('/v1/models', ['Authorization', `Bearer ${owner}`, 'x-api-key', 'y']), access)).toMatchObject({
      name: '@home',
    })
    for (const [url, ...headers] of [
      [`/t/${owner}/v1/models`],
      [`/t/${panel.token}/v1/models`],
      [`/t/made-up/v1/models`, 'authorization', `Bearer ${zed.token}`],
      ['/v1/models'],
      ['/v1/models', 'authorization', `Bearer ${zed.token}`, 'authorization', `Bearer ${zed.token}`],
      ['/v1/models', 'x-api-key', zed.token, 'x-api-key', zed.token],
      ['/v1/models', 'authorization', 'Bearer wrong', 'x-api-key', zed.token],
      [`/v1/models?token=${zed.token}`],
    ])
      expect(() => gatewayCaller(asks(url ?? '', headers), access), url).toThrow(expect.objectContaining({ code: 'unauthorized' }))
  })

  it('is asked for in a sentence that is left whole', () => {
    const { hint } = new ModelyardError('unauthorized', 'No token came.', { hint: 'Send "Authorization: Bearer …", or in the path.' })
    expect(hint).toBe('Send "Authorization: Bearer …", or in the path.')
    for (const secret of ['Bearer …x', 'Bearer hidden', 'Bearer  …', 'hidden', 'Bearer …hidden'])
      expect(redact(`Authorization: ${secret}`)).toMatch(/\[redacted\]/)
    expect(redact('Authorization: Bearer …hidden-behind')).not.toContain('hidden')
  })

  it('is taken out of every text, also one of an own form', () => {
    const secret = 'my-own-secret-of-a-variable'
    for (const text of [`GET /t/${secret}/v1/models`, `http://127.0.0.1:7411/t/${secret}`, `{"url":"/t/${secret}?x"}`, `/t/${secret}`])
      expect(redact(text)).not.toContain(secret)
    expect(redact('/home/t/a-folder-with-a-long-name/file.gguf')).toBe('/home/t/a-folder-with-a-long-name/file.gguf')
  })
})

describe('a page of an allowed origin', () => {
  const preflight = (headers: Record<string, string>) =>
    fetch(`${service.url}/v1/messages`, { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST', ...headers } })

  it('may send what the libraries of the dialects send, and read what we add', async () => {
    const wanted = 'authorization, content-type, x-api-key, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access'
    const stainless = 'x-stainless-lang,X-Stainless-Retry-Count, x-stainless-os'
    const answer = await preflight({ origin: 'https://app.example', 'access-control-request-headers': `${stainless}, bad header, *, a\tb` })
    const allowed = answer.headers.get('access-control-allow-headers')?.split(', ') ?? []
    expect(answer.status).toBe(204)
    expect(allowed).toEqual(
      expect.arrayContaining([...wanted.split(', '), 'x-stainless-lang', 'x-stainless-retry-count', 'x-stainless-os']),
    )
    expect(allowed.every((name) => /^[a-z0-9-]+$/.test(name))).toBe(true)
    const real = await fetch(`${service.url}/healthz`, { headers: { origin: 'https://app.example' } })
    expect(real.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(real.headers.get('access-control-expose-headers')).toBe(
      'allow, retry-after, x-should-retry, x-modelyard-model, x-modelyard-epoch',
    )
  })

  it('alone: another is told nothing', async () => {
    const answer = await preflight({ origin: 'https://other.example', 'access-control-request-headers': 'x-api-key' })
    expect([answer.status, [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([403, []])
  })
})
