/** Signing in and out over a real listener: the one route without a bearer, and what ends with the token. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { createClient } from '../../src/client/index.ts'
import { type Problem, redact } from '../../src/contract/index.ts'
import { type Listening, listen } from '../../src/server/listen.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const owner = 'the-token-of-the-home-of-this-test'
const homeToken = { matches: (candidate: string) => candidate === owner, onRotate: () => () => {} }

let test: TestYard
let service: Listening
const logged: string[] = []

beforeEach(async () => {
  test = await testYard()
  logged.length = 0
  service = await serve(test)
})
afterEach(async () => {
  await service.close(0)
  await test[Symbol.asyncDispose]()
})

const serve = ({ yard }: TestYard): Promise<Listening> =>
  listen({
    yard,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    tokens: homeToken,
    log: (message, error) => void logged.push(`${message} ${String(error ?? '')}`),
  })
const clientWith = (token?: string) => createClient({ url: service.url, token })
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/yard/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('a browser', () => {
  it('signs in with a code and no token, and may then what the home may', async () => {
    const { code, expiresAt } = await clientWith(owner).session.code()
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now())
    const asked = createClient({ url: service.url, token: () => Promise.reject(new Error('no token is wanted here')) })
    const { token, name } = await asked.session.signIn(code)
    expect(name).toMatch(/^browser-[a-z]+-[0-9a-f]{4}$/)
    expect(await clientWith(token).tokens.list()).toMatchObject([{ name, scope: 'control', kind: 'browser' }])
    await expect(clientWith().session.signIn(code)).rejects.toMatchObject({ code: 'unauthorized' })
    await clientWith(owner).tokens.revoke(name)
    await expect(clientWith(token).status()).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('gets a code only from whoever has a token of control', async () => {
    const { token } = await test.yard.tokens.create({ name: 'zed' })
    await expect(clientWith().session.code()).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(clientWith(token).session.code()).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('of another site signs nobody in, with a right code either, which stays good', async () => {
    const { code } = test.yard.session.code()
    const answers = [await post({ code }, { origin: 'http://evil.example' }), await post({ code }, { 'sec-fetch-site': 'same-site' })]
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
    expect((await post({ code }, { origin: service.url })).status).toBe(201)
  })

  it('that guesses is told when to come back', async () => {
    const statuses: number[] = []
    for (let count = 0; count < 6; count += 1) statuses.push((await post({ code: `guess-${count}` })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    const answer = await post({ code: 'guess' })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(((await answer.json()) as Problem).error).toMatchObject({
      code: 'rate_limited',
      hint: expect.stringContaining('modelyard open'),
    })
    expect((await post({ code: test.yard.session.code().code })).status).toBe(201)
  })

  it.each([[{}], [{ code: '' }], [{ code: 1 }], [{ code: 'x', token: 'y' }], [{ code: 'x'.repeat(129) }], [[]]])(
    'that sends %j is refused as a bad request',
    async (body) => expect((await post(body)).status).toBe(400),
  )
})

describe('signing out', () => {
  it('ends the streams and sockets of this browser, and of nobody else', async () => {
    const [mine, other] = await Promise.all(
      [test.yard.session.code(), test.yard.session.code()].map(({ code }) => clientWith().session.signIn(code)),
    )
    const [events, others] = [clientWith(mine?.token).events(), clientWith(other?.token).events()]
    await Promise.all([events.next(), others.next()])
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/yard/v1/events`, {
      headers: { authorization: `Bearer ${mine?.token}` },
    })
    await new Promise((resolve) => socket.once('message', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const ended = expect(events.next()).rejects.toMatchObject({ code: 'unauthorized' })
    await clientWith(mine?.token).session.signOut()
    expect(await closed).toBe(4401)
    await ended
    await expect(clientWith(mine?.token).status()).rejects.toMatchObject({ code: 'unauthorized' })
    await test.yard.slots.put('default', { queueSeconds: 7 })
    expect((await others.next()).value?.type).toBe('slot.changed')
    await others.return()
  })

  it('is for browsers: another token stays and is told what would end it', async () => {
    const { token } = await test.yard.tokens.create({ name: 'panel', scope: 'control' })
    for (const one of [owner, token])
      await expect(clientWith(one).session.signOut()).rejects.toMatchObject({ code: 'conflict', hint: expect.stringContaining('revoke') })
    expect(await clientWith(token).tokens.list()).toHaveLength(1)
  })
})

it('a restart forgets codes and keeps browsers signed in', async () => {
  const { token } = await clientWith().session.signIn(test.yard.session.code().code)
  const { code } = test.yard.session.code()
  await service.close(0)
  test = await test.restart()
  service = await serve(test)
  await expect(clientWith().session.signIn(code)).rejects.toMatchObject({ code: 'unauthorized' })
  expect(await clientWith(token).slots.list()).toHaveLength(1)
})

it('no code and no token is in a log, an event, a list or an error', async () => {
  const { code } = test.yard.session.code()
  const spare = test.yard.session.code().code
  const { token } = await clientWith().session.signIn(code)
  const answers = await Promise.all([
    post({ code }),
    post({ code: spare, evil: spare }),
    post({ code: spare }, { origin: 'http://evil.example' }),
    fetch(`${service.url}/yard/v1/session?code=${spare}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([401, 400, 403, 400])
  const said = [...(await Promise.all(answers.map((answer) => answer.text()))), ...logged, ...test.logged]
  const kept = JSON.stringify([test.events, test.yard.tokens.list(), await clientWith(token).config()])
  for (const secret of [code, spare, token]) expect([...said, kept].join('\n')).not.toContain(secret)
  expect(redact(`http://127.0.0.1:7411/#code=${spare}`)).toBe('http://127.0.0.1:7411/#code=[redacted]')
})
