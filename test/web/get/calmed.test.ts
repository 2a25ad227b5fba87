/** What is drawn of a job that tells of itself all the time. */
import { effect, signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { watchJobs } from '../../../web/src/frame/job-watch.ts'
import { calmed } from '../../../web/src/panels/get/calmed.ts'
import type { Job } from '../../../web/src/sdk.ts'

/** Later is when the test says so. */
function handClock() {
  let waiting: (() => void)[] = []
  return {
    later(work: () => void) {
      waiting.push(work)
      return () => {
        waiting = waiting.filter((one) => one !== work)
      }
    },
    ring() {
      for (const work of waiting.splice(0)) work()
    },
    count: () => waiting.length,
  }
}

describe('a calmed signal', () => {
  function follow() {
    const source = signal({ stage: 'download', bytes: 0 })
    const clock = handClock()
    const calm = calmed(source, { atOnce: (a, b) => a.stage !== b.stage, later: clock.later })
    const drawn: string[] = []
    const end = effect(() => void drawn.push(`${calm.value.value.stage} ${calm.value.value.bytes}`))
    return { source, clock, calm, drawn, end }
  }

  it('draws a hundred changes once, and the newest', () => {
    const { source, clock, drawn } = follow()
    for (let bytes = 1; bytes <= 100; bytes += 1) source.value = { stage: 'download', bytes }
    expect(drawn).toEqual(['download 0'])
    expect(clock.count()).toBe(1)
    clock.ring()
    expect(drawn).toEqual(['download 0', 'download 100'])
  })
  it('draws another stage at once, and not again later', () => {
    const { source, clock, drawn } = follow()
    source.value = { stage: 'download', bytes: 1 }
    source.value = { stage: 'check', bytes: 1 }
    expect(drawn).toEqual(['download 0', 'check 1'])
    clock.ring()
    expect(drawn).toHaveLength(2)
  })
  it('draws nothing once it has stopped', () => {
    const { source, clock, calm, drawn } = follow()
    source.value = { stage: 'download', bytes: 1 }
    calm.stop()
    expect(clock.count()).toBe(0)
    source.value = { stage: 'check', bytes: 2 }
    expect(drawn).toEqual(['download 0'])
  })
})

describe('the watch over jobs', () => {
  it('says how far all are and what happened now, tells nothing that was known, and takes back what it said', () => {
    const job = (over: Partial<Job>) =>
      ({
        id: 'a',
        kind: 'ingest',
        state: 'running',
        stage: 'download',
        source: { repo: 'lab/T' },
        bytesDone: 0,
        bytesTotal: 100,
        ...over,
      }) as Job
    const one = signal(job({}))
    const all = signal<readonly (typeof one)[] | undefined>(undefined)
    const said: string[] = []
    let progress: string | undefined
    let look = (): void => {}
    const end = watchJobs({
      jobs: { all },
      announce: (words) => void said.push(words),
      setProgress: (words) => {
        progress = words
      },
      every: (work) => {
        look = work
        return () => {}
      },
    })
    all.value = [signal(job({ id: 'old', state: 'failed' })), one]
    expect([said, progress]).toEqual([[], '0% · 0 bytes of 100 bytes'])
    one.value = job({ bytesDone: 60 })
    look()
    look()
    expect([said, progress]).toEqual([['lab/T: 60%, 60 bytes of 100 bytes'], '60% · 60 bytes of 100 bytes'])
    one.value = job({ state: 'succeeded', bytesDone: 100 })
    look()
    expect([said.at(-1), progress]).toEqual(['lab/T is here.', undefined])
    one.value = job({ bytesDone: 60 })
    look()
    end()
    expect(progress).toBeUndefined()
  })
})
