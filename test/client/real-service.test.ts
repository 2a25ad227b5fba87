import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type ConnectionState, createClient, type YardEvent } from '../../src/client/index.ts'
import { type ServeOptions, type Service, serve } from '../../src/server/serve.ts'
import { resolveSettings } from '../../src/store/settings.ts'
import { readOrMakeToken, rotateToken } from '../../src/store/token.ts'
import { configure, tinyEngine } from '../cli/tiny-engine.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** A real service in this process with an engine of a few models; the client knows where its token is. */
async function service(models = ['small', 'large', 'broken', 'slow']) {
  const home = mkdtempSync(join(tmpdir(), 'modelyard-client-'))
  cleanUp.push(() => rmSync(home, { recursive: true }))
  configure(home, await tinyEngine(models))
  const faults: unknown[] = []
  const running = await begin(home, 0, (_, error) => error !== undefined && faults.push(error))
  const client = createClient({ url: running.url, token: () => readOrMakeToken(home), WebSocket })
  return { home, running, client, faults }
}

async function begin(home: string, port: number, log: ServeOptions['log'] = () => {}): Promise<Service> {
  const settings = await resolveSettings({ env: {}, flags: { home, port } })
  const running = await serve({ settings, log })
  cleanUp.push(() => running.close())
  return running
}

async function untilOver(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

async function connected() {
  const { client, ...rest } = await service()
  const connection = await client.connect()
  cleanUp.push(() => connection.close())
  return { ...rest, client: connection }
}

describe.each([
  ['HTTP', service],
  ['one WebSocket', connected],
])('a real service over %s', (_, open) => {
  it('answers every reading verb', async () => {
    const { client, faults } = await open()
    const { models, providers } = await client.models.list({ kind: 'all' })
    expect(models.map(({ ref }) => ref)).toEqual(['tiny/small', 'tiny/large', 'tiny/broken', 'tiny/slow'])
    expect(providers).toContainEqual({ id: 'tiny', state: 'ready' })
    expect(await client.models.get('tiny/small')).toMatchObject({ ref: 'tiny/small', kind: 'chat' })
    expect(await client.status()).toMatchObject({ slots: [{ slot: 'default', state: 'empty' }] })
    expect((await client.hardware()).memory.total).toBeGreaterThan(0)
    expect((await client.config()).settings.length).toBeGreaterThan(5)
    expect((await client.doctor()).length).toBeGreaterThan(0)
    expect((await client.detect()).find(({ id }) => id === 'tiny')).toMatchObject({ state: 'ready' })
    expect(await client.providers.list()).toHaveLength(5)
    await expect(client.models.get('nope')).rejects.toMatchObject({ code: 'model_not_found' })
    await expect(client.slots.get('nope')).rejects.toMatchObject({ code: 'slot_not_found' })
    await expect(client.switches.get('nope')).rejects.toMatchObject({ code: 'switch_not_found' })
    expect(faults).toEqual([])
  })

  it('makes and removes slots, pins models', async () => {
    const { client } = await open()
    expect(await client.slots.put('code', { policy: 'replace' })).toMatchObject({ slot: 'code', policy: 'replace' })
    expect((await client.slots.list()).map(({ slot }) => slot)).toEqual(['default', 'code'])
    await client.slots.remove('code')
    expect(await client.slots.list()).toHaveLength(1)
    expect(await client.models.update('small', { pinned: true, load: { contextLength: 512 } })).toMatchObject({
      pinned: true,
      load: { contextLength: 512 },
    })
  })

  it('switches, rolls back and rejects: all of them values', async () => {
    const { client } = await open()
    const told: string[] = []
    const slot = client.slot('default')
    const result = await slot.switch('small', {
      onEvent: (event) => told.push(event.type === 'switch.step' ? `${event.step} ${event.state}` : event.type),
    })
    expect(result).toMatchObject({ outcome: 'switched', ref: 'tiny/small', verification: { text: 'I am small' } })
    expect([told[0], told.at(-1)]).toEqual(['switch.started', 'switch.finished'])
    expect(told).toContain('verify done')
    expect(await slot.switch('small')).toMatchObject({ outcome: 'already_active' })
    expect(await slot.switch('broken')).toMatchObject({
      outcome: 'rolled_back',
      ref: 'tiny/small',
      error: { message: expect.stringContaining('out of bounds') },
    })
    expect(await slot.switch('nope')).toMatchObject({ outcome: 'rejected', error: { code: 'model_not_found' } })
    expect(await slot.get()).toMatchObject({ state: 'serving', ref: 'tiny/small' })
    expect((await client.switches.list()).map(({ outcome }) => outcome)).toEqual(['rejected', 'rolled_back', 'already_active', 'switched'])
    await expect(client.slot('code').switch('small')).rejects.toMatchObject({ code: 'slot_not_found' })
    await expect(slot.switch('a\nb')).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('cancels a switch when its signal aborts, and the old model serves', async () => {
    const { client } = await open()
    const slot = client.slot('default')
    await slot.switch('small')
    const stop = new AbortController()
    const onEvent = (event: { type: string; step?: string }): void => void (event.step === 'verify' && stop.abort())
    expect(await slot.switch('slow', { signal: stop.signal, onEvent })).toMatchObject({ outcome: 'cancelled', ref: 'tiny/small' })
    const { id, result } = await slot.startSwitch('slow')
    await client.switches.cancel(id)
    expect((await result).outcome).toBe('cancelled')
    expect(await slot.get()).toMatchObject({ state: 'serving', ref: 'tiny/small' })
  })

  it('chats through the slot and beside it, and a chat can be left', async () => {
    const { client } = await open()
    const messages = [{ role: 'user' as const, content: 'Who are you?' }]
    await expect(client.chat().complete({ messages })).rejects.toMatchObject({ code: 'slot_empty' })
    await client.slot('default').switch('small')
    expect(await client.chat().complete({ messages })).toMatchObject({
      text: 'I am small',
      model: 'tiny/small',
      epoch: 1,
      finishReason: 'stop',
    })
    expect(await client.chat().complete({ messages, model: 'tiny/large' })).toMatchObject({ text: 'I am large', model: 'tiny/large' })
    for await (const part of client.chat().stream({ messages })) if (part.type === 'delta') break
    await expect(client.chat().complete({ messages, model: 'slow', signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'timeout',
    })
    expect((await client.slots.get('default')).leases).toBe(0)
  })

  it('tells events from where a reader was, also after the token was replaced', async () => {
    const { client, home } = await open()
    const seen: YardEvent[] = []
    for await (const event of client.events({ slot: 'default' })) {
      if (event.type === 'heartbeat') continue
      seen.push(event)
      if (seen.length === 1) await client.slot('default').switch('small')
      // Ends every connection that came with the old one.
      if (event.type === 'switch.finished') {
        await rotateToken(home)
        await vi.waitFor(() => client.status())
        if (event.switch.ref === 'tiny/small') await client.slot('default').switch('large')
      }
      if (event.type === 'switch.finished' && event.switch.ref === 'tiny/large') break
    }
    const numbers = seen.filter(({ type }) => type !== 'snapshot' && type !== 'reset').map(({ seq }) => seq)
    expect(seen[0]?.type).toBe('snapshot')
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(seen.filter(({ type }) => type === 'switch.finished')).toHaveLength(2)
  })
})

describe('a real service', () => {
  it('refuses a wrong token over both', async () => {
    const { running } = await service()
    const stranger = createClient({ url: running.url, token: 'mdy_wrong-token-wrong-token', WebSocket })
    await expect(stranger.status()).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(stranger.connect()).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(createClient({ url: running.url }).status()).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it.each(['HTTP', 'one WebSocket'])('that was started again is told as another one over %s: reset, then snapshot', async (way) => {
    const { home, running, client } = await (way === 'HTTP' ? service() : connected())
    const seen: string[] = []
    const instances = new Set<string>()
    const note = ({ state }: ConnectionState): void => void seen.push(state)
    for await (const event of client.events({ onConnection: note })) {
      if (event.type === 'snapshot') instances.add(event.status.instance)
      if (event.type !== 'snapshot' && event.type !== 'reset') continue
      seen.push(event.type)
      if (seen.length === 1) {
        await running.close()
        await begin(home, Number(new URL(running.url).port))
      }
      if (instances.size === 2) break
    }
    expect(seen[0]).toBe('snapshot')
    expect(seen.slice(-3)).toEqual(['lost', 'reset', 'snapshot'])
    expect(seen.filter((one) => one === 'open' || one === 'lost')).toEqual(['open', 'lost'])
  })

  it.each(['HTTP', 'one WebSocket'])('ends the events over %s when the token is revoked', async (way) => {
    const { client, running } = await service()
    const { token } = await client.tokens.create({ name: 'a-page', scope: 'control' })
    const page = createClient({ url: running.url, token, WebSocket })
    const connection = await page.connect()
    cleanUp.push(() => connection.close())
    const events = (way === 'HTTP' ? page : connection).events()
    expect((await events.next()).value).toMatchObject({ type: 'snapshot' })
    await client.tokens.revoke('a-page')
    await expect(untilOver(events)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('is unreachable when it has ended, and open streams end', async () => {
    const { running, client } = await service()
    const events = client.events()
    expect((await events.next()).value).toMatchObject({ type: 'snapshot' })
    await running.close()
    await expect(client.status()).rejects.toMatchObject({ code: 'service_unreachable' })
    await events.return()
  })
})
