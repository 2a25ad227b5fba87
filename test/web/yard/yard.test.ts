/** What the page knows over a connection that comes and goes: whatever could not be read is read, and nothing is told twice. */
import { afterEach, describe, expect, it } from 'vitest'
import { deferred } from '../../../src/util/deferred.ts'
import type { Connection, SwitchRecord, YardEvent } from '../../../web/src/sdk.ts'
import { ModelyardError } from '../../../web/src/sdk.ts'
import type { ConnectionState } from '../../../web/src/yard/connection.ts'
import { type YardView, yardOver } from '../../../web/src/yard/yard.ts'

const at = '2026-01-01T00:00:00.000Z'
const snapshot = (instance = 'a'): YardEvent =>
  ({ seq: 1, at, type: 'snapshot', status: { instance, slots: [], providers: [], drift: [] } }) as unknown as YardEvent
const record = (id: string, more: object = {}): SwitchRecord => ({ id, slot: 'default', warnings: [], steps: [], startedAt: at, ...more })

interface Line {
  /** Hands events over; `end` ends the line with them, with an error where one is given. */
  readonly send: (...events: YardEvent[]) => void
  readonly end: (error?: ModelyardError) => void
  readonly tell: (state: ConnectionState) => void
}

let made: YardView | undefined
afterEach(() => made?.close())

/** A service whose lines of events and lists are in the hand of the test. */
function scene() {
  const lines: Line[] = []
  const switches: ReturnType<typeof deferred<SwitchRecord[]>>[] = []
  const errors: unknown[] = []
  const closed = deferred<void>()
  const verbs = {
    events({ onConnection, signal }: { onConnection: (state: ConnectionState) => void; signal: AbortSignal }) {
      const waiting: (YardEvent | { error?: ModelyardError })[] = []
      let wake = deferred<void>()
      const push = (...what: typeof waiting): void => {
        waiting.push(...what)
        wake.resolve()
        wake = deferred()
      }
      signal.addEventListener('abort', () => push({}))
      lines.push({ send: push, end: (error) => push(error ? { error } : {}), tell: onConnection })
      return (async function* () {
        for (;;) {
          const next = wake.promise
          for (const one of waiting.splice(0)) {
            if ('type' in one) yield one
            else if (one.error) throw one.error
            else return
          }
          await next
        }
      })()
    },
    models: { list: async () => ({ models: [], providers: [] }) },
    jobs: { list: async () => [] },
    switches: {
      list() {
        const one = deferred<SwitchRecord[]>()
        switches.push(one)
        return one.promise
      },
    },
    close: async () => closed.resolve(),
  } as unknown as Connection
  let worthTrying = (): void => {}
  const yard = yardOver(
    verbs,
    (error) => errors.push(error),
    (callback) => {
      worthTrying = callback
      return () => {}
    },
  )
  made = yard
  const line = (index: number): Promise<Line> =>
    expect
      .poll(() => lines[index])
      .toBeDefined()
      .then(() => lines[index] as Line)
  const reading = (index: number) =>
    expect
      .poll(() => switches[index])
      .toBeDefined()
      .then(() => switches[index] as (typeof switches)[number])
  return { yard, lines, line, switches, reading, errors, closed: closed.promise, tryNow: () => worthTrying() }
}

/** What promises that are settled have to say is said. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the lists of the page', () => {
  it('are read again when the connection was lost under the first reading, although the events go on', async () => {
    const { yard, line, reading, errors } = scene()
    const first = await line(0)
    first.send(snapshot())
    ;(await reading(0)).reject(new ModelyardError('service_unreachable'))
    // The client has made the connection again; the snapshot continues what was seen.
    first.send(snapshot())
    ;(await reading(1)).resolve([record('a')])
    await expect.poll(() => yard.switches.value.map((one) => one.record.id)).toEqual(['a'])
    expect(errors).toHaveLength(1)
    expect([yard.models.all.value, yard.jobs.all.value]).toEqual([[], []])
  })

  it('are read once while the events continue, and again after a reset and for another instance', async () => {
    const { line, switches, reading } = scene()
    const first = await line(0)
    first.send(snapshot(), snapshot())
    ;(await reading(0)).resolve([])
    await settled()
    expect(switches).toHaveLength(1)
    first.send({ seq: 2, at, type: 'reset', reason: 'old' }, snapshot())
    ;(await reading(1)).resolve([])
    first.send(snapshot('b'))
    ;(await reading(2)).resolve([])
  })

  it('are read again when the events had to begin anew', async () => {
    const { yard, line, reading } = scene()
    const first = await line(0)
    first.send(snapshot())
    ;(await reading(0)).resolve([])
    first.end(new ModelyardError('internal'))
    const second = await line(1)
    second.send(snapshot())
    ;(await reading(1)).resolve([record('meanwhile')])
    await expect.poll(() => yard.switches.value.map((one) => one.record.id)).toEqual(['meanwhile'])
  })

  it('do not undo what was told while they were read', async () => {
    const { yard, line, reading } = scene()
    const first = await line(0)
    first.send(snapshot())
    const history = await reading(0)
    const ended = { outcome: 'switched', epoch: 1, persisted: true, endedAt: at }
    first.send({ seq: 2, at, type: 'switch.finished', switch: record('a', ended) } as YardEvent, {
      seq: 3,
      at,
      type: 'switch.started',
      switch: record('b'),
    })
    await settled()
    history.resolve([record('a')])
    await settled()
    expect(yard.switches.value.map((one) => [one.record.id, one.record.outcome])).toEqual([
      ['b', undefined],
      ['a', 'switched'],
    ])
  })

  it('are not asked for again by a yard that is closed or refused', async () => {
    const { yard, line, switches, reading, closed } = scene()
    const first = await line(0)
    first.send(snapshot())
    const history = await reading(0)
    first.end(new ModelyardError('unauthorized'))
    await expect.poll(() => yard.connection.value.state).toBe('refused')
    history.reject(new ModelyardError('unauthorized'))
    yard.close()
    await closed
    await settled()
    expect(switches).toHaveLength(1)
  })
})

describe('a service that is away', () => {
  it('is tried again by itself and by hand, and what is shown was true since it was lost', async () => {
    const { yard, line, tryNow } = scene()
    const first = await line(0)
    first.send(snapshot())
    await settled()
    const error = new ModelyardError('service_unreachable')
    first.tell({ state: 'lost', since: 7, error, retry: () => {} })
    first.end(error)
    ;(await line(1)).end(error)
    const third = await line(2)
    expect(yard.connection.value).toMatchObject({ state: 'lost', since: 7 })
    tryNow()
    third.tell({ state: 'open' })
    expect(yard.connection.value).toEqual({ state: 'open' })
  })
})
