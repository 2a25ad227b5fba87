import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { ModelyardError, type SwitchResult } from '../../src/contract/index.ts'
import { eventStream, json, refuse, type Script, scriptedServer } from './scripted-server.ts'

const at = '2026-01-01T00:00:00.000Z'
const running = { id: 's1', slot: 'default', to: 'ollama/b', warnings: [], steps: [], startedAt: at }
const ended = (outcome: SwitchResult['outcome']): SwitchResult => ({ ...running, outcome, epoch: 2, persisted: true, endedAt: at })
const step = (seq: number, id: string, name: string) => ({
  type: 'switch.step',
  seq,
  at,
  id,
  slot: 'default',
  step: name,
  state: 'done',
  ms: 1,
})

/** A service with one switch: it begins when asked, and ends when the test says so. */
function oneSwitch(more: Script = () => {}) {
  let record: object = running
  let stream: ReturnType<typeof eventStream> | undefined
  let seq = 1
  const script: Script = (asked, response) => {
    if (asked.path.startsWith('/yard/v1/events')) {
      stream = eventStream(response)
      return stream.send({ type: 'snapshot', seq })
    }
    if (asked.method === 'POST') return json(response, { id: 's1' }, 202)
    if (asked.method === 'GET') json(response, record)
    return more(asked, response)
  }
  const say = (event: object): void => stream?.send({ ...event, seq: ++seq } as unknown as { type: string; seq: number })
  const end = (outcome: SwitchResult['outcome']): void => {
    record = ended(outcome)
    say({ type: 'switch.finished', at, switch: record })
  }
  const finish = (outcome: SwitchResult['outcome']): void => {
    record = ended(outcome)
  }
  return { script, say, end, finish }
}

describe('switch', () => {
  it('begins without waiting, tells the steps of this switch, and gives the result', async () => {
    const yard = oneSwitch(({ method }) => {
      if (method !== 'GET') return
      for (const [id, name] of [
        ['s1', 'load'],
        ['other', 'load'],
        ['s1', 'verify'],
      ] as const)
        yard.say(step(0, id, name))
      yard.end('switched')
    })
    const server = await scriptedServer(yard.script)
    const told: string[] = []
    const result = await createClient({ url: server.url })
      .slot('default')
      .switch('ollama/b', {
        policy: 'replace',
        load: { contextLength: 512 },
        onEvent: (event) => told.push(event.type === 'switch.step' ? event.step : event.type),
      })
    expect(result).toEqual(ended('switched'))
    expect(told).toEqual(['load', 'verify', 'switch.finished'])
    expect(server.asked.find(({ method }) => method === 'POST')?.body).toEqual({
      model: 'ollama/b',
      policy: 'replace',
      load: { contextLength: 512 },
      wait: false,
    })
  })

  it.each(['rolled_back', 'degraded', 'superseded'] as const)('gives %s as a value', async (outcome) => {
    const yard = oneSwitch(({ method }) => void (method === 'GET' && yard.end(outcome)))
    const server = await scriptedServer(yard.script)
    expect((await createClient({ url: server.url }).slot('default').switch('ollama/b')).outcome).toBe(outcome)
  })

  it('gives a rejection that comes at once as a value, whatever its status', async () => {
    const error = new ModelyardError('model_not_found')
    const server = await scriptedServer(({ method }, response) =>
      method === 'POST'
        ? refuse(response, error, { ...ended('rejected'), error: error.toBody() })
        : eventStream(response).send({ type: 'snapshot', seq: 1 }),
    )
    const result = await createClient({ url: server.url }).slot('default').switch('nobody')
    expect(result).toMatchObject({ outcome: 'rejected', error: { code: 'model_not_found' } })
  })

  it('throws for a bad call: no such slot, no valid name', async () => {
    const server = await scriptedServer((_, response) => refuse(response, new ModelyardError('slot_not_found')))
    await expect(createClient({ url: server.url }).slot('code').switch('ollama/b')).rejects.toMatchObject({ code: 'slot_not_found' })
  })

  it('cancels at the service when the signal aborts, and gives what became of it', async () => {
    const stop = new AbortController()
    const yard = oneSwitch((asked, response) => {
      if (asked.method === 'GET') return stop.abort()
      yard.end('cancelled')
      json(response, ended('cancelled'))
    })
    const server = await scriptedServer(yard.script)
    const result = await createClient({ url: server.url }).slot('default').switch('ollama/b', { signal: stop.signal })
    expect(result.outcome).toBe('cancelled')
    expect(server.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual(['/yard/v1/switches/s1'])
  })

  it('stands when the cancel came after the cut-over', async () => {
    const stop = new AbortController()
    const yard = oneSwitch((asked, response) => {
      if (asked.method === 'GET') return stop.abort()
      refuse(response, new ModelyardError('conflict'))
      yard.end('switched')
    })
    const server = await scriptedServer(yard.script)
    expect((await createClient({ url: server.url }).slot('default').switch('ollama/b', { signal: stop.signal })).outcome).toBe('switched')
  })

  it('begins nothing when it was aborted before', async () => {
    const server = await scriptedServer(() => {})
    const switching = createClient({ url: server.url }).slot('default').switch('ollama/b', { signal: AbortSignal.abort() })
    await expect(switching).rejects.toMatchObject({ code: 'cancelled' })
    expect(server.asked).toEqual([])
  })

  it('finds the end in the record when the connections were lost meanwhile', async () => {
    let looks = 0
    const yard = oneSwitch()
    const server = await scriptedServer((asked, response) => {
      if (asked.method !== 'GET' || asked.path.startsWith('/yard/v1/events')) return yard.script(asked, response)
      if (++looks === 1) {
        yard.finish('switched')
        return server.drop()
      }
      return yard.script(asked, response)
    })
    expect((await createClient({ url: server.url }).slot('default').switch('ollama/b')).outcome).toBe('switched')
  })

  it('works without an event stream', async () => {
    const server = await scriptedServer(({ method, path }, response: ServerResponse) => {
      if (path.startsWith('/yard/v1/events')) return refuse(response, new ModelyardError('rate_limited'))
      return method === 'POST' ? json(response, { id: 's1' }, 202) : json(response, ended('switched'))
    })
    expect((await createClient({ url: server.url }).slot('default').switch('ollama/b')).outcome).toBe('switched')
  })
})
