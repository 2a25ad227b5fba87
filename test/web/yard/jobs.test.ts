/** The jobs of the page: an event that overtakes the list is neither lost nor undone by it. */
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../src/util/deferred.ts'
import type { Job, Verbs } from '../../../web/src/sdk.ts'
import { createJobs } from '../../../web/src/yard/jobs.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
const job = (id: string, second: number, more: Partial<Job> = {}): Job => ({
  id,
  kind: 'ingest',
  state: 'running',
  stage: 'download',
  source: { repo: 'a/b' },
  files: [],
  into: ['ollama'],
  bytesDone: 0,
  createdAt: at(0),
  updatedAt: at(second),
  ...more,
})
const finished = (one: Job) => ({ seq: 1, at: one.updatedAt, type: 'job.finished' as const, job: one })
const created = (one: Job) => ({ seq: 1, at: one.updatedAt, type: 'job.created' as const, job: one })
const progress = (id: string, second: number, bytesDone: number) => ({
  seq: 1,
  at: at(second),
  type: 'job.progress' as const,
  id,
  stage: 'download' as const,
  bytesDone,
})

/** Jobs whose lists wait for the test. */
function scene() {
  const lists: ReturnType<typeof deferred<Job[]>>[] = []
  const list = (): Promise<Job[]> => {
    const one = deferred<Job[]>()
    lists.push(one)
    return one.promise
  }
  const jobs = createJobs({ jobs: { list } as Verbs['jobs'] })
  const shown = () => jobs.all.value?.map(({ value }) => [value.id, value.state, value.bytesDone])
  return { jobs, lists, shown }
}

describe('the list of jobs', () => {
  it('does not undo an end that overtook it', async () => {
    const { jobs, lists, shown } = scene()
    const reading = jobs.readAll()
    jobs.onEvent(finished(job('a', 5, { state: 'succeeded', stage: 'done', bytesDone: 9 })))
    lists[0]?.resolve([job('a', 4, { bytesDone: 8 })])
    await reading
    expect(shown()).toEqual([['a', 'succeeded', 9]])
  })

  it('keeps a job that was made while it was read', async () => {
    const { jobs, lists, shown } = scene()
    const first = jobs.readAll()
    lists[0]?.resolve([job('a', 1)])
    await first
    const signalOfA = jobs.find('a')
    const again = jobs.readAll()
    jobs.onEvent(created(job('b', 2)))
    const signalOfB = jobs.find('b')
    lists[1]?.resolve([job('a', 1)])
    await again
    expect(shown()?.map(([id]) => id)).toEqual(['b', 'a'])
    expect([jobs.find('a') === signalOfA, jobs.find('b') === signalOfB]).toEqual([true, true])
  })

  it('knows more than an event that came before its moment', async () => {
    const { jobs, lists, shown } = scene()
    const reading = jobs.readAll()
    jobs.onEvent(created(job('a', 1)))
    jobs.onEvent(progress('a', 2, 3))
    jobs.onEvent(progress('b', 2, 3))
    lists[0]?.resolve([job('b', 4, { state: 'succeeded', stage: 'done', bytesDone: 9 }), job('a', 4, { state: 'paused', bytesDone: 7 })])
    await reading
    expect(shown()).toEqual([
      ['b', 'succeeded', 9],
      ['a', 'paused', 7],
    ])
  })

  it('is carried on by progress that came after its moment, of a job that only it knows', async () => {
    const { jobs, lists, shown } = scene()
    const reading = jobs.readAll()
    jobs.onEvent(progress('a', 3, 8))
    lists[0]?.resolve([job('a', 2, { bytesDone: 5 })])
    await reading
    expect(shown()).toEqual([['a', 'running', 8]])
  })

  it('lets go of what is kept no more, and of what it heard when it could not be read', async () => {
    const { jobs, lists, shown } = scene()
    const failing = jobs.readAll()
    jobs.onEvent(created(job('gone', 1)))
    lists[0]?.reject(new Error('lost'))
    await expect(failing).rejects.toThrow('lost')
    const reading = jobs.readAll()
    lists[1]?.resolve([job('a', 2)])
    await reading
    expect(shown()).toEqual([['a', 'running', 0]])
  })
})
