/** Requests while their slot moves: they wait in order or end on who admitted them, and are told the truth either way. */
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeOllama, fakeOllama } from '../../src/testing/index.ts'
import { deferred } from '../../src/util/deferred.ts'
import { gatewayScene, ollamaAt, type Scene } from './scene.ts'

const held: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const messages = [{ role: 'user', content: 'Hello' }]
const chat = (scene: Scene, more: object = {}, path = '/v1/chat/completions') =>
  scene.ask(path, { model: 'default', max_tokens: 3, messages, ...more })

async function slotOf(
  settings: { policy: 'replace' | 'overlap'; queueSeconds?: number; maxRequests?: number },
  keepAliveMs = 60_000,
  tokensPerSecond?: number,
) {
  const models = [{ name: 'a:latest' }, { name: 'b:latest' }]
  const engine: FakeOllama = await fakeOllama({ models, ...(tokensPerSecond && { tokensPerSecond }) })
  held.push(engine)
  const scene = await gatewayScene({
    providers: ollamaAt(engine.url),
    slots: { default: settings },
    switchTo: 'ollama/a:latest',
    limits: { keepAliveMs },
  })
  held.push(scene)
  return { engine, scene }
}

/** A switch to b that loads until it is let. */
async function switching({ engine, scene }: { engine: FakeOllama; scene: Scene }) {
  engine.shelf.holdLoads()
  const { id, result } = scene.test.yard.slot('default').startSwitch('ollama/b:latest')
  await scene.test.waitFor((event) => event.type === 'switch.step' && event.id === id && event.step === 'load')
  return { finish: () => engine.shelf.releaseLoads(), result }
}

describe('replace', () => {
  it('holds requests until the new model serves, in the order of their arrival', async () => {
    const both = await slotOf({ policy: 'replace' })
    const { scene, engine } = both
    const { finish, result } = await switching(both)
    const answers = [chat(scene, { user: '1' }), chat(scene, { user: '2', stream: true }), chat(scene, {}, '/v1/messages')]
    await expect.poll(() => scene.test.yard.slots.get('default').waiting).toBe(3)
    const before = engine.ledger.length
    finish()
    expect((await result).outcome).toBe('switched')
    for (const answer of await Promise.all(answers)) {
      expect([answer.status, answer.headers.get('x-modelyard-model'), answer.headers.get('x-modelyard-epoch')]).toEqual([
        200,
        'ollama/b:latest',
        '2',
      ])
      expect(await answer.text()).toContain('b:latest#0')
    }
    expect(engine.ledger.slice(before).filter((one) => one.body?.model === 'a:latest')).toEqual([])
  })

  it('keeps an event stream alive meanwhile, and names the model by a line that clients skip', async () => {
    const both = await slotOf({ policy: 'replace' }, 10)
    const { scene } = both
    const { finish, result } = await switching(both)
    const openai = await chat(scene, { stream: true })
    const anthropic = await chat(scene, { stream: true }, '/v1/messages')
    expect([openai.status, anthropic.status]).toEqual([200, 200])
    expect(openai.headers.get('x-modelyard-model')).toBeNull()
    finish()
    await result
    expect(await openai.text()).toMatch(/^(: .*\n\n)+: model=ollama\/b:latest epoch=2\n\ndata: \{[\s\S]*data: \[DONE\]\s*$/)
    expect(await anthropic.text()).toMatch(
      /^(event: ping\ndata: \{"type": ?"ping"\}\n\n)+: model=ollama\/b:latest epoch=2\n\nevent: message_start\n/,
    )
  })

  it('gives up at the deadline, in the dialect, with Retry-After; inside a stream that has begun as its error', async () => {
    const both = await slotOf({ policy: 'replace', queueSeconds: 0.2 }, 20)
    const { scene } = both
    const { finish, result } = await switching(both)
    const [openai, anthropic, ollama, stream] = await Promise.all([
      chat(scene),
      chat(scene, {}, '/v1/messages'),
      chat(scene, {}, '/api/chat'),
      chat(scene, { stream: true }).then((answer) => answer.text()),
    ])
    expect([openai.status, anthropic.status, ollama.status]).toEqual([503, 503, 503])
    expect(openai.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await openai.json()).toMatchObject({ error: { code: 'queue_timeout' } })
    expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } })
    expect(await ollama.json()).toEqual({ error: expect.stringContaining('0.2 s') })
    expect(stream).toMatch(/^(: .*\n\n)+data: \{"error":\{[^\n]*queue_timeout[^\n]*\n\n$/)
    expect(stream).not.toContain('[DONE]')
    finish()
    await result
    expect(scene.test.yard.slots.get('default')).toMatchObject({ leases: 0, waiting: 0 })
  })
})

describe('overlap', () => {
  it('nobody waits: who came before ends on the old model, who comes after gets the new one', async () => {
    const both = await slotOf({ policy: 'overlap' })
    const { scene } = both
    const { finish, result } = await switching(both)
    const during = await chat(scene)
    expect([during.headers.get('x-modelyard-model'), await during.text()]).toEqual([
      'ollama/a:latest',
      expect.stringContaining('a:latest#0'),
    ])
    finish()
    await result
    const after = await chat(scene)
    expect([after.headers.get('x-modelyard-epoch'), await after.text()]).toEqual(['2', expect.stringContaining('b:latest#0')])
  })
})

describe('a slot with a limit', () => {
  it('lets one at a time through, by arrival', async () => {
    const { scene, engine } = await slotOf({ policy: 'overlap', maxRequests: 1 })
    const until = deferred<undefined>()
    engine.faults.add({ path: '/api/chat', fault: { kind: 'hold', until: until.promise }, times: 1 })
    const first = chat(scene)
    await expect.poll(() => scene.test.yard.slots.get('default').leases).toBe(1)
    const others = [chat(scene, { temperature: 0.1 }), chat(scene, { temperature: 0.2 })]
    await expect.poll(() => scene.test.yard.slots.get('default').waiting).toBe(2)
    until.resolve(undefined)
    for (const answer of [await first, ...(await Promise.all(others))]) expect(answer.status).toBe(200)
    const temperatures = engine.ledger.flatMap(({ body }) => (body?.options as { temperature?: number } | undefined)?.temperature ?? [])
    expect(temperatures.filter((one) => one === 0.1 || one === 0.2)).toEqual([0.1, 0.2])
  })
})

describe('nothing there', () => {
  it('an empty slot answers 503 and says how to fill it', async () => {
    const engine = await fakeOllama({ models: [{ name: 'a:latest' }] })
    held.push(engine)
    const scene = await gatewayScene({ providers: ollamaAt(engine.url) })
    held.push(scene)
    const answer = await chat(scene)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ error: { code: 'slot_empty', message: expect.stringContaining('modelyard use REF') } })
    await scene.test.yard.slots.put('code', {})
    const other = await chat(scene, { model: 'code' })
    expect(await other.json()).toMatchObject({ error: { message: expect.stringContaining('modelyard use REF --slot code') } })
  })
})

describe('who leaves', () => {
  it.each(['/v1/chat/completions', '/api/chat'])('%s: ends the work of the engine and gives the lease back', async (path) => {
    const { scene, engine } = await slotOf({ policy: 'overlap' }, 60_000, 20)
    const leaving = new AbortController()
    const answer = await scene.ask(path, { model: 'default', stream: true, messages }, { signal: leaving.signal })
    const reader = answer.body?.getReader()
    await reader?.read()
    expect(scene.test.yard.slots.get('default').leases).toBe(1)
    leaving.abort()
    await expect.poll(() => scene.test.yard.slots.get('default').leases).toBe(0)
    await expect.poll(() => [...engine.shelf.loaded.values()].map((one) => one.running)).toEqual([0])
  })
})
