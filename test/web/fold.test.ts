/** What an event does to what the page knows. */
import { describe, expect, it } from 'vitest'
import type { Job, Slot, Status, SwitchRecord, YardEvent } from '../../web/src/sdk.ts'
import { foldJob, foldSlots, foldSwitches, listedSwitches, type SwitchView } from '../../web/src/yard/fold.ts'

const envelope = { seq: 1, at: '2026-01-01T00:00:00.000Z' }
const slot = (name: string, epoch = 0): Slot => ({
  slot: name,
  state: 'serving',
  leases: 0,
  waiting: 0,
  policy: 'auto',
  epoch,
  restore: 'eager',
  queueSeconds: 300,
  drainSeconds: 60,
  maxRequests: null,
})
const record = (id: string): SwitchRecord => ({ id, slot: 'default', warnings: [], steps: [], startedAt: envelope.at })
const step = (id: string, name: 'load' | 'verify', state: 'started' | 'progress' | 'done', progress?: number): YardEvent => ({
  ...envelope,
  type: 'switch.step',
  id,
  slot: 'default',
  step: name,
  state,
  ...(progress !== undefined && { progress }),
})
const job = (more: Partial<Job> = {}): Job => ({
  id: 'j',
  kind: 'ingest',
  state: 'running',
  stage: 'download',
  source: { repo: 'a/b' },
  files: [],
  into: ['ollama'],
  bytesDone: 0,
  createdAt: envelope.at,
  updatedAt: envelope.at,
  ...more,
})

describe('slots', () => {
  it('are those of the snapshot, and each is changed in its place', () => {
    const status = { slots: [slot('default'), slot('code')] } as unknown as Status
    const known = foldSlots([], { ...envelope, type: 'snapshot', status })
    const changed = foldSlots(known, { ...envelope, type: 'slot.changed', slot: slot('default', 2) })
    expect(changed.map((one) => [one.slot, one.epoch])).toEqual([
      ['default', 2],
      ['code', 0],
    ])
    expect(changed[1]).toBe(known[1])
    expect(foldSlots(known, { ...envelope, type: 'heartbeat' })).toBe(known)
    expect(foldSlots(known, { ...envelope, type: 'slot.removed', slot: 'code' })).toEqual([slot('default')])
  })
})

describe('a switch', () => {
  const run = (events: readonly YardEvent[]): readonly SwitchView[] => events.reduce(foldSwitches, [] as readonly SwitchView[])

  it('shows each step once, as far as it is, and keeps its steps when it ends', () => {
    const views = run([
      { ...envelope, type: 'switch.started', switch: record('a') },
      step('a', 'load', 'started'),
      step('a', 'load', 'progress', 0.5),
      step('a', 'load', 'done'),
      step('a', 'verify', 'started'),
      {
        ...envelope,
        type: 'switch.finished',
        switch: { ...record('a'), outcome: 'switched', epoch: 1, persisted: true, endedAt: envelope.at },
      },
    ])
    expect(views).toHaveLength(1)
    expect(views[0]?.record.outcome).toBe('switched')
    expect(views[0]?.steps.map((one) => [one.step, one.state])).toEqual([
      ['load', 'done'],
      ['verify', 'started'],
    ])
  })

  it('is told by the name of its model as soon as a step says it, and knows when each step began', () => {
    const at = (seconds: number): string => `2026-01-01T00:00:0${seconds}.000Z`
    const views = run([
      { ...envelope, type: 'switch.started', switch: record('a') },
      { ...step('a', 'load', 'started'), at: at(1), to: 'ollama/m' } as YardEvent,
      { ...step('a', 'load', 'progress', 0.5), at: at(2), to: 'ollama/m' } as YardEvent,
    ])
    expect(views[0]?.record.to).toBe('ollama/m')
    expect(views[0]?.steps[0]).toMatchObject({ state: 'progress', since: at(1), progress: 0.5 })
  })

  it('that ended while nobody listened has the end that the history tells, and the steps that events told', () => {
    const views = run([{ ...envelope, type: 'switch.started', switch: record('a') }, step('a', 'load', 'started')])
    const ended: SwitchRecord = { ...record('a'), outcome: 'switched', epoch: 1, persisted: true, endedAt: envelope.at }
    const listed = listedSwitches(views, [record('c'), ended, { ...ended, id: 'b' }])
    expect(listed.map((one) => [one.record.id, one.record.outcome, one.steps.length, one.seen])).toEqual([
      ['c', undefined, 0, true],
      ['a', 'switched', 1, true],
      ['b', 'switched', 0, false],
    ])
  })

  it('comes first when it is the newest, and the history has an end', () => {
    const many = Array.from({ length: 250 }, (_, at): YardEvent => ({ ...envelope, type: 'switch.started', switch: record(String(at)) }))
    const views = run(many)
    expect(views).toHaveLength(200)
    expect(views[0]?.record.id).toBe('249')
  })
})

describe('a job', () => {
  const progress = (more: object): YardEvent => ({ ...envelope, type: 'job.progress', id: 'j', stage: 'download', bytesDone: 5, ...more })

  it('does not keep a speed or a time left that is not said any more', () => {
    const moving = foldJob(job(), progress({ bytesPerSecond: 100, secondsLeft: 9, bytesTotal: 50 }))
    expect(moving).toMatchObject({ bytesDone: 5, bytesPerSecond: 100, secondsLeft: 9, bytesTotal: 50 })
    const stalled = foldJob(moving, progress({ bytesDone: 6 }))
    expect(stalled).toMatchObject({ bytesDone: 6, bytesTotal: 50 })
    expect(stalled).not.toHaveProperty('bytesPerSecond')
    expect(stalled).not.toHaveProperty('secondsLeft')
  })

  it('is not changed by the progress of another, or of one that is not known', () => {
    expect(foldJob(job({ id: 'other' }), progress({}))).toBeUndefined()
    expect(foldJob(undefined, progress({}))).toBeUndefined()
  })
})
