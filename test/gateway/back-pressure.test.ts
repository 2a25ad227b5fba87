/** A client that does not read stops the engine, one that reads nothing for long is cut, and who is told to go is told why. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeOllama, fakeOllama } from '../../src/testing/index.ts'
import { type CountingProxy, countingProxy } from '../support/counting-proxy.ts'
import { gatewayScene, ollamaAt, type Scene, token } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
const keep = <T extends AsyncDisposable>(one: T): T => {
  held.push(one)
  return one
}

interface Ground {
  readonly engine: FakeOllama
  readonly proxy: CountingProxy
  readonly scene: Scene
}

async function ground(limits: Parameters<typeof gatewayScene>[0] = {}, tokensPerSecond?: number): Promise<Ground> {
  const models = [{ name: 'a:latest' }, { name: 'b:latest' }]
  const engine = keep(await fakeOllama({ models, ...(tokensPerSecond && { tokensPerSecond }) }))
  const proxy = keep(await countingProxy(engine.port))
  const scene = keep(await gatewayScene({ providers: ollamaAt(proxy.url), switchTo: 'ollama/a:latest', ...limits }))
  return { engine, proxy, scene }
}

/** Handed on, and through the neutral form. */
const paths = ['/api/chat', '/v1/chat/completions', '/v1/messages'] as const
/** More than all buffers of the kernel on its way take. */
const endless = 1_000_000
const maxBytes = 48 * 2 ** 20

const bodyFor = (path: string, tokens: number): string =>
  JSON.stringify({
    model: 'default',
    stream: true,
    messages: [{ role: 'user', content: 'Hello' }],
    ...(path === '/api/chat' ? { options: { num_predict: tokens } } : { max_tokens: tokens }),
  })

/** A client that asks and reads nothing. */
function silentClient({ service }: Scene, path: string): Socket {
  const body = bodyFor(path, endless)
  const socket = connect({ host: '127.0.0.1', port: service.port }).pause()
  socket.on('error', () => {})
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return socket
}

const running = ({ engine }: Ground): number => [...engine.shelf.loaded.values()].reduce((sum, one) => sum + one.running, 0)
const leases = ({ scene }: Ground): number => scene.test.yard.slots.get('default').leases

/** When it has not changed over many looks. */
async function settled(read: () => number): Promise<number> {
  let [last, same] = [-1, 0]
  await expect
    .poll(
      () => {
        const now = read()
        same = now === last ? same + 1 : 0
        last = now
        return same
      },
      { interval: 25, timeout: 20_000 },
    )
    .toBeGreaterThan(15)
  return last
}

describe.each(paths)('%s', (path) => {
  it('a client that does not read stops the engine; one that leaves ends its work', async () => {
    const all = await ground()
    const client = silentClient(all.scene, path)
    await expect.poll(() => running(all)).toBe(1)
    await expect.poll(() => all.proxy.bytes).toBeGreaterThan(100_000)
    expect(await settled(() => all.proxy.bytes)).toBeLessThan(maxBytes)
    expect([running(all), leases(all)]).toEqual([1, 1])
    client.destroy()
    await expect.poll(() => [running(all), leases(all)]).toEqual([0, 0])
  })

  it('one that reads again gets on', async () => {
    const all = await ground()
    const client = silentClient(all.scene, path)
    await expect.poll(() => all.proxy.bytes).toBeGreaterThan(100_000)
    const before = await settled(() => all.proxy.bytes)
    client.resume()
    await expect.poll(() => all.proxy.bytes).toBeGreaterThan(before + 1_000_000)
    client.destroy()
    await expect.poll(() => [running(all), leases(all)]).toEqual([0, 0])
  })

  it('one that reads nothing for long is cut, and holds no switch for ever', async () => {
    const all = await ground({ limits: { stalledMs: 300 }, slots: { default: { policy: 'replace', drainSeconds: 20 } } })
    const chats = (): number => all.engine.ledger.filter((one) => one.path === '/api/chat').length
    const before = chats()
    const client = silentClient(all.scene, path)
    await all.engine.waitFor(() => chats() > before)
    const { outcome } = await all.scene.test.yard.slot('default').switch('ollama/b:latest')
    expect([outcome, leases(all), running(all)]).toEqual(['switched', 0, 0])
    client.destroy()
  })

  it('the end of the service is told inside the stream, in the dialect, without an end mark', async () => {
    const all = await ground({}, 20)
    const answer = await all.scene.ask(path, bodyFor(path, 1000))
    const text = answer.text()
    await expect.poll(() => running(all)).toBe(1)
    await all.scene.service.close(0)
    const said = await text
    expect(said).toMatch(/(?:^|\n)(?:data: |event: error\ndata: )?\{[^\n]*"error"[^\n]*shutting down[^\n]*\n+$/)
    expect(said).not.toMatch(/\[DONE\]|message_stop|"done": ?true/)
    await expect.poll(() => [running(all), leases(all)]).toEqual([0, 0])
  })
})
