/** Jobs that are stopped at the worst instant: each ends as what it was told to be, and nothing is left half done. */
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HistoryEvent } from '../../src/contract/index.ts'
import { progressed } from '../../src/ingestion/job-changes.ts'
import { got, longTiny, repo, request, type Scene, scene } from './engines.ts'

const into = (...ids: string[]) => request({ into: ids, switch: false })
const fileOf = (home: string): string => join(home, 'library', repo, 'tiny-Q4_0.gguf')
const slowScene = (): Promise<Scene> =>
  scene({ hub: { repositories: [{ repo, files: [{ path: 'tiny-Q4_0.gguf', content: longTiny }] }], bytesPerSecond: 6e6 } })
const inStage = (stage: string) => (event: HistoryEvent) => event.type === 'job.stage' && event.job.stage === stage
const midway = (event: HistoryEvent): boolean =>
  event.type === 'job.progress' && event.bytesDone >= 2 ** 20 && event.bytesDone < longTiny.length

/** As it lies on the disk. */
const kept = async (home: string) => JSON.parse(await readFile(join(home, 'jobs.json'), 'utf8')) as { job: { id: string; state: string } }[]

describe('a job that is stopped', () => {
  it('the moment it is told of, is cancelled and stays so', async () => {
    await using here = await scene()
    const { yard } = here.test
    let cancelling: Promise<unknown> | undefined
    yard.onEvent((event) => {
      if (event.type === 'job.created') cancelling = yard.jobs.cancel(event.job.id)
    })
    const { id } = await yard.jobs.start(into('ollama'))
    await cancelling
    expect(yard.jobs.get(id).state).toBe('cancelled')
    expect(here.test.events.filter(({ type }) => type === 'job.finished')).toHaveLength(1)
  })

  it('by pauses, resumes and a cancel all at once, ends once', async () => {
    await using here = await slowScene()
    const { jobs } = here.test.yard
    const { id } = await jobs.start(into('ollama'))
    await here.test.waitFor(midway)
    const all = [jobs.pause(id), jobs.resume(id), jobs.pause(id), jobs.resume(id), jobs.cancel(id, { partial: 'remove' }), jobs.resume(id)]
    const ended = await Promise.allSettled(all)
    expect(ended.map(({ status }) => status)).toEqual([...Array.from({ length: 5 }, () => 'fulfilled'), 'rejected'])
    expect(jobs.get(id).state).toBe('cancelled')
    expect(here.test.events.filter(({ type }) => type === 'job.finished')).toHaveLength(1)
    expect((await kept(here.test.home)).map(({ job }) => job.state)).toEqual(['cancelled'])
  })

  it('with an engine that gives nothing back, is cancelled all the same, and what is left is said', async () => {
    await using here = await scene()
    const { jobs } = here.test.yard
    here.ollama.faults.add({ path: '/api/generate', fault: { kind: 'never' }, times: 1 })
    const { id } = await jobs.start(into('ollama'))
    await here.test.waitFor(inStage('verify'))
    here.ollama.faults.add({ method: 'DELETE', path: '/api/delete', fault: { kind: 'status', status: 500, body: { error: 'busy' } } })
    expect(await jobs.cancel(id)).toMatchObject({ state: 'cancelled', note: expect.stringContaining('could be taken back') })
    const again = await here.restart()
    expect(again.yard.jobs.get(id).state).toBe('cancelled')
  })

  it('in the middle of its switch, goes on with it after the restart', async () => {
    await using here = await scene()
    here.ollama.faults.add({ path: '/api/chat', fault: { kind: 'never' }, times: 1 })
    const { id } = await here.test.yard.jobs.start(request({ into: ['ollama'], switch: 'default' }))
    here.ollama.faults.add({ path: '/api/chat', fault: { kind: 'hold', until: new Promise(() => undefined) }, times: 2 })
    await here.test.waitFor((event) => event.type === 'job.stage' && ['verify', 'switch'].includes(event.job.stage))
    here.ollama.faults.clear()
    const again = await here.restart()
    expect(await again.yard.jobs.handle(id).ended()).toMatchObject({ state: 'succeeded', result: { switch: { outcome: 'switched' } } })
    expect(again.yard.slot('default').get().state).toBe('serving')
  })

  it('and that put a file into the library which another has got since, leaves it to the other', async () => {
    await using here = await scene()
    const { jobs } = here.test.yard
    here.ollama.faults.add({ path: '/api/generate', fault: { kind: 'never' }, times: 1 })
    const { id } = await jobs.start(into('ollama'))
    await here.test.waitFor(inStage('verify'))
    expect(await got(here, into('lmstudio'))).toMatchObject({ state: 'succeeded' })
    await jobs.cancel(id, { partial: 'remove' })
    expect(existsSync(fileOf(here.test.home))).toBe(true)
  })
})

describe('what is kept of jobs', () => {
  it('never has a number that JSON does not know', () => {
    const job = {
      id: 'x',
      kind: 'ingest',
      state: 'running',
      stage: 'download',
      source: { repo },
      files: [],
      into: [],
      bytesDone: 0,
      createdAt: '',
      updatedAt: '',
    } as const
    const stalled = progressed({ ...job, files: [], into: [] }, { bytesDone: 1, bytesTotal: 2, bytesPerSecond: 5e-324 })
    expect([stalled.bytesPerSecond, stalled.secondsLeft]).toEqual([undefined, undefined])
  })

  it('loses a record that is not understood, and no other', async () => {
    await using here = await scene()
    const job = await got(here, into('ollama'))
    const path = join(here.test.home, 'jobs.json')
    const again = await here.restart()
    await writeFile(path, JSON.stringify([{ job: { id: 'strange' } }, ...(await kept(here.test.home))]))
    await chmod(path, 0o600)
    expect(again.yard.jobs.get(job.id).state).toBe('succeeded')
    const third = await here.restart()
    expect(third.yard.jobs.list().map(({ id }) => id)).toEqual([job.id])
    expect(third.logged.join()).toContain('jobs')
  })
})

describe('a share of a damaged blob', () => {
  it('is found out by its hash, and goes nowhere', async () => {
    await using here = await scene()
    await got(here, into('ollama'))
    const { sha256 = '' } = here.test.yard.jobs.list()[0]?.files[0] ?? {}
    const blob = join(here.folders.ollama, 'blobs', `sha256-${sha256}`)
    await chmod(blob, 0o644)
    const bytes = await readFile(blob)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await writeFile(blob, bytes)
    expect(await got(here, { ref: 'ollama/tiny:q4_0', ...{ into: ['lmstudio'], switch: false } })).toMatchObject({
      state: 'failed',
      error: { code: 'hash_mismatch' },
    })
  })
})
