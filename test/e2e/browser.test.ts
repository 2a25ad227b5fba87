/** The SDK as it is shipped, in a real browser: an allowed page sees, switches and chats; any other page gets nothing. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Listening, listen } from '../../src/server/listen.ts'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { type Chromium, startChromium } from '../support/chromium.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const token = 'a-token-for-this-test-only'
const dist = new URL('../../dist/', import.meta.url).pathname

const appPage = '<!doctype html><title>An app</title><script type="module">import * as sdk from "/client.js"; globalThis.sdk = sdk</script>'

interface AppPage {
  readonly sdk: typeof import('../../src/client/index.ts')
}

/** Serves the built SDK and an empty page, as an app of somebody would. */
async function serveApp(): Promise<Server> {
  const server = createServer((request, response) => {
    const file = request.url?.slice(1) ?? ''
    if (file === '') return response.writeHead(200, { 'content-type': 'text/html' }).end(appPage)
    readFile(join(dist, file)).then(
      (bytes) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  return server
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

describe('the SDK in a browser', () => {
  let chromium: Chromium
  let engine: FakeOllama
  let test: TestYard
  let service: Listening
  let allowed: Server
  let stranger: Server

  beforeAll(async () => {
    chromium = await startChromium()
    engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'beta' }] })
    test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    allowed = await serveApp()
    stranger = await serveApp()
    const tokens = { matches: (candidate: string) => candidate === token, onRotate: () => () => {} }
    service = await listen({
      yard: test.yard,
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      allowedOrigins: [originOf(allowed)],
      tokens,
      log: () => {},
    })
  })

  afterAll(async () => {
    await chromium?.close()
    await service?.close()
    await test?.[Symbol.asyncDispose]()
    await engine?.close()
    for (const server of [allowed, stranger]) server?.close()
  })

  const open = async (server: Server): Promise<Page> => {
    const page = await chromium.browser.newPage()
    await page.goto(originOf(server))
    await page.waitForFunction(() => 'sdk' in globalThis)
    return page
  }

  it('lists, switches and chats over HTTP, and sees events', async () => {
    const page = await open(allowed)
    const seen = await page.evaluate(
      async ({ url, secret }) => {
        const { createClient } = (globalThis as unknown as AppPage).sdk
        const client = createClient({ url, token: secret })
        const events: string[] = []
        const stop = new AbortController()
        const watching = (async () => {
          for await (const event of client.events({ signal: stop.signal })) {
            events.push(event.type)
            if (event.type === 'switch.finished') break
          }
        })()
        const { models } = await client.models.list()
        const result = await client.slot('default').switch('alpha')
        const answer = await client.chat().complete({ messages: [{ role: 'user', content: 'Hello' }], maxTokens: 2 })
        await watching
        stop.abort()
        return { models: models.map((one) => one.ref), outcome: result.outcome, text: answer.text, events }
      },
      { url: service.url, secret: token },
    )
    expect(seen).toMatchObject({ models: ['ollama/alpha:latest', 'ollama/beta:latest'], outcome: 'switched', text: 'alpha#0 alpha#1 ' })
    expect(seen.events[0]).toBe('snapshot')
    expect(seen.events).toContain('switch.finished')
    await page.close()
  })

  it('does everything over one WebSocket', async () => {
    const page = await open(allowed)
    const seen = await page.evaluate(
      async ({ url, secret }) => {
        const { createClient } = (globalThis as unknown as AppPage).sdk
        const connection = await createClient({ url, token: secret }).connect()
        const result = await connection.slot('default').switch('beta')
        const answer = await connection.chat().complete({ messages: [{ role: 'user', content: 'Hello' }], maxTokens: 2 })
        await connection.close()
        return [result.outcome, answer.text]
      },
      { url: service.url, secret: token },
    )
    expect(seen).toEqual(['switched', 'beta#0 beta#1 '])
    await page.close()
  })

  it('gets nothing from a page of another origin, even with the token', async () => {
    const page = await open(stranger)
    const before = engine.ledger.length
    const seen = await page.evaluate(
      async ({ url, secret }) => {
        const attempt = (work: () => Promise<unknown>) =>
          work().then(
            () => 'came through',
            (error: Error) => error.name,
          )
        const { createClient } = (globalThis as unknown as AppPage).sdk
        const client = createClient({ url, token: secret })
        const plain = await attempt(() =>
          fetch(`${url}/yard/v1/slots/default/switch`, { method: 'POST', mode: 'no-cors', body: '{"model":"alpha"}' }).then((answer) =>
            Promise.reject(new Error(answer.type)),
          ),
        )
        return [await attempt(() => client.models.list()), await attempt(() => client.connect().then((one) => one.slots.list())), plain]
      },
      { url: service.url, secret: token },
    )
    expect(seen).not.toContain('came through')
    expect(engine.ledger.slice(before).filter(({ path }) => path === '/api/chat')).toEqual([])
    await page.close()
  })
})
