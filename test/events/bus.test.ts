import { describe, expect, it } from 'vitest'
import { createEventBus } from '../../src/events/bus-memory.ts'
import { createFanOut, type Frame, type FrameReader } from '../../src/events/fan-out.ts'

const changed = (provider: string) => ({ type: 'models.changed' as const, provider })
const progress = (share: number) => ({
  type: 'switch.step' as const,
  id: 's',
  slot: 'default',
  step: 'load' as const,
  state: 'progress' as const,
  progress: share,
})

const jobProgress = (id: string, bytesDone: number) => ({ type: 'job.progress' as const, id, stage: 'download' as const, bytesDone })
/** All that waits for a reader. */
async function rest(reader: FrameReader): Promise<(Frame | 'lost')[]> {
  const seen: (Frame | 'lost')[] = []
  const ended = (async () => {
    for (let next = await reader.next(); next !== undefined; next = await reader.next()) seen.push(next)
  })()
  await new Promise((resolve) => setImmediate(resolve))
  reader.close()
  await ended
  return seen
}
const told = (frames: (Frame | 'lost')[]): unknown[] =>
  frames.map((one) => (one === 'lost' ? one : one.event.type === 'job.progress' ? [one.event.id, one.event.bytesDone] : one.event.type))

describe('the history of events', () => {
  it('numbers by one, above every earlier run', () => {
    const first = createEventBus({ now: () => 1000 })
    const numbers = [first.emit(changed('a')).seq, first.emit(changed('b')).seq]
    expect(numbers).toEqual([1_000_001, 1_000_002])
    expect(createEventBus({ now: () => 1001 }).seq).toBeGreaterThan(first.seq)
  })

  it('gives what came after a number, and nothing for numbers it does not know', () => {
    const bus = createEventBus({ firstSeq: 100, capacity: 10 })
    expect(bus.after(100)).toEqual([])
    for (let index = 0; index < 35; index += 1) bus.emit(changed(String(index)))
    expect(bus.after(133)?.map((one) => one.seq)).toEqual([134, 135])
    expect(bus.after(125)?.length).toBe(10)
    for (const unknown of [124, 100, 0, -1, 136, Number.NaN, 1e300, 133.5])
      expect([unknown, bus.after(unknown)]).toEqual([unknown, undefined])
  })
})

describe('the history of hours of progress', () => {
  it('keeps the newest of each thing, and everything else', () => {
    const bus = createEventBus({ firstSeq: 100, capacity: 10 })
    bus.emit(changed('first'))
    for (let index = 0; index < 500; index += 1) bus.emit(jobProgress(`job-${index % 2}`, index))
    bus.emit(changed('last'))
    const kept = bus.after(100)
    expect(kept?.map((one) => (one.type === 'job.progress' ? one.bytesDone : one.type))).toEqual([
      'models.changed',
      498,
      499,
      'models.changed',
    ])
    // Whoever came away in the middle of it has missed nothing but progress.
    expect(bus.after(300)?.map((one) => one.seq)).toEqual([600, 601, 602])
    expect(bus.after(602)).toEqual([])
  })

  it('forgets progress as anything else when it is the oldest', () => {
    const bus = createEventBus({ firstSeq: 100, capacity: 3 })
    bus.emit(jobProgress('a', 1))
    for (const provider of ['x', 'y', 'z']) bus.emit(changed(provider))
    bus.emit(jobProgress('a', 2))
    expect(bus.after(102)?.map((one) => one.seq)).toEqual([103, 104, 105])
    expect(bus.after(101)).toBeUndefined()
  })
})

describe('readers', () => {
  it('all get every event in order, as the same bytes', async () => {
    const bus = createEventBus()
    const fanOut = createFanOut(bus)
    const readers = [fanOut.open(() => true), fanOut.open(() => true)]
    for (let index = 0; index < 100; index += 1) bus.emit(changed(String(index)))
    for (let index = 0; index < 100; index += 1) {
      const [a, b] = await Promise.all(readers.map((reader) => reader.next()))
      expect(a).toBe(b)
      expect(a !== 'lost' && a && JSON.parse(a.json)).toMatchObject({ type: 'models.changed', provider: String(index) })
    }
    expect(fanOut.queuedBytes).toBe(0)
  })

  it('that do not read cost a bounded amount, and are told what happened', async () => {
    const bus = createEventBus()
    const fanOut = createFanOut(bus, { readerBytes: 10_000 })
    const idle = Array.from({ length: 50 }, () => fanOut.open(() => true))
    const busy = fanOut.open(() => true)
    for (let index = 0; index < 5000; index += 1) {
      bus.emit(changed('x'.repeat(100)))
      expect(await busy.next()).not.toBe('lost')
      expect(fanOut.queuedBytes).toBeLessThanOrEqual(50 * 10_500)
    }
    for (const reader of idle) expect(await reader.next()).toBe('lost')
    for (const reader of [...idle, busy]) reader.close()
    expect([fanOut.readers, fanOut.queuedBytes]).toEqual([0, 0])
  })

  it('get progress coalesced and nothing else', async () => {
    const bus = createEventBus()
    const reader = createFanOut(bus).open(() => true)
    for (const share of [0.1, 0.2, 0.3]) bus.emit(progress(share))
    bus.emit(changed('a'))
    bus.emit(changed('a'))
    const seen = [await reader.next(), await reader.next(), await reader.next()]
    expect(seen.map((one) => one && one !== 'lost' && [one.event.type, one.event.seq])).toEqual([
      ['switch.step', bus.seq - 2],
      ['models.changed', bus.seq - 1],
      ['models.changed', bus.seq],
    ])
    reader.close()
    expect(await reader.next()).toBeUndefined()
  })

  it('get the newest progress of each job, after what was told before it', async () => {
    const bus = createEventBus()
    const fanOut = createFanOut(bus)
    const reader = fanOut.open(() => true)
    bus.emit(jobProgress('a', 1))
    bus.emit(jobProgress('b', 1))
    bus.emit(changed('x'))
    bus.emit(jobProgress('a', 2))
    bus.emit(jobProgress('b', 2))
    bus.emit(changed('x'))
    bus.emit(jobProgress('a', 3))
    const seen = await rest(reader)
    expect(told(seen)).toEqual(['models.changed', ['b', 2], 'models.changed', ['a', 3]])
    const numbers = seen.map((one) => (one === 'lost' ? 0 : one.event.seq))
    expect(numbers).toEqual([bus.seq - 4, bus.seq - 2, bus.seq - 1, bus.seq])
    expect(fanOut.queuedBytes).toBe(0)
  })

  it('that read see all progress', async () => {
    const bus = createEventBus()
    const reader = createFanOut(bus).open(() => true)
    const seen: (Frame | 'lost' | undefined)[] = []
    for (const bytes of [1, 2, 3]) {
      bus.emit(jobProgress('a', bytes))
      seen.push(await reader.next())
    }
    expect(seen.map((one) => one && one !== 'lost' && one.event.type === 'job.progress' && one.event.bytesDone)).toEqual([1, 2, 3])
  })

  it('that never read hold one progress of each job, however long it goes on, and lose nothing else', async () => {
    const bus = createEventBus()
    const fanOut = createFanOut(bus, { readerBytes: 4000 })
    const reader = fanOut.open(() => true)
    bus.emit(changed('first'))
    for (let index = 0; index < 20_000; index += 1) {
      bus.emit(jobProgress(`job-${index % 3}`, index))
      expect(fanOut.queuedBytes).toBeLessThan(1000)
    }
    bus.emit(changed('last'))
    expect(told(await rest(reader))).toEqual(['models.changed', ['job-2', 19_997], ['job-0', 19_998], ['job-1', 19_999], 'models.changed'])
  })

  it('beyond the total are refused', () => {
    const bus = createEventBus()
    const fanOut = createFanOut(bus, { totalBytes: 1000 })
    fanOut.open(() => true)
    bus.emit(changed('x'.repeat(2000)))
    expect(() => fanOut.open(() => true)).toThrow(/Too many events/)
  })
})
