/** Jobs that are stopped and go on: restarts, pauses, cancels, and what is waited for. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HistoryEvent } from '../../src/contract/index.ts'
import { got, longTiny, repo, request, type Scene, scene } from './engines.ts'

const files = [
  { path: 'tiny-Q4_0.gguf', content: longTiny },
  { path: 'other-Q8_0.gguf', content: Buffer.concat([longTiny, Buffer.alloc(1)]) },
]
/** Content comes slowly enough to stop in the middle of it. */
const slowScene = (): Promise<Scene> => scene({ hub: { repositories: [{ repo, files }], bytesPerSecond: 4e6 } })

const midway = (event: HistoryEvent): boolean =>
  event.type === 'job.progress' && event.stage === 'download' && event.bytesDone >= 2 ** 20 && event.bytesDone < longTiny.length
const partialsOf = (home: string): Promise<string[]> => readdir(join(home, 'library/.modelyard/partials'))
const fileOf = (home: string): string => join(home, 'library', repo, 'tiny-Q4_0.gguf')

describe('a job', () => {
  it('goes on by itself after a restart, where it was', async () => {
    await using here = await slowScene()
    const { id } = await here.test.yard.jobs.start(request({ into: ['ollama'], switch: false }))
    await here.test.waitFor(midway)
    const again = await here.restart()
    const job = await again.yard.jobs.handle(id).ended()
    expect(job).toMatchObject({ state: 'succeeded', result: { verified: true } })
    // The header is read by ranges as well.
    expect(here.hub.cdn.counts.bytesServed).toBeLessThan(longTiny.length * 1.5)
    expect(await partialsOf(again.home)).toEqual([])
  })

  it('is paused, stays so over a restart, and is resumed', async () => {
    await using here = await slowScene()
    const { id } = await here.test.yard.jobs.start(request({ into: ['ollama'], switch: false }))
    await here.test.waitFor(midway)
    expect(await here.test.yard.jobs.pause(id)).toMatchObject({ state: 'paused', stage: 'download' })
    expect(await here.test.yard.jobs.pause(id)).toMatchObject({ state: 'paused' })
    const again = await here.restart()
    expect(again.yard.jobs.get(id)).toMatchObject({ state: 'paused', stage: 'download' })
    await again.yard.jobs.resume(id)
    expect(await again.yard.jobs.handle(id).ended()).toMatchObject({ state: 'succeeded' })
    await expect(again.yard.jobs.pause(id)).rejects.toMatchObject({ code: 'conflict' })
  })

  it.each(['keep', 'remove'] as const)('is cancelled, and its partial: %s', async (partial) => {
    await using here = await slowScene()
    const { jobs } = here.test.yard
    const { id } = await jobs.start(request({ into: ['ollama'], switch: false }))
    await here.test.waitFor(midway)
    expect(await jobs.cancel(id, { partial })).toMatchObject({ state: 'cancelled', stage: 'download' })
    expect((await partialsOf(here.test.home)).length > 0).toBe(partial === 'keep')
    await expect(jobs.cancel(id)).rejects.toMatchObject({ code: 'conflict' })
    await expect(jobs.resume(id)).rejects.toMatchObject({ code: 'conflict' })
    expect(here.test.yard.jobs.get(id).state).toBe('cancelled')
  })

  it('that another wants as well is cancelled without harm to the other', async () => {
    await using here = await slowScene()
    const { jobs } = here.test.yard
    const first = await jobs.start(request({ into: ['ollama'], switch: false }))
    const second = await jobs.start(request({ into: ['lmstudio'], switch: false }))
    await here.test.waitFor(midway)
    await jobs.cancel(first.id, { partial: 'remove' })
    expect(await second.ended()).toMatchObject({ state: 'succeeded', result: { verified: true } })
    expect(existsSync(fileOf(here.test.home))).toBe(true)
  })

  it('waits for its turn when too many download, and takes it', async () => {
    await using here = await slowScene()
    const { yard } = here.test
    await yard.updateSettings({ hub: { downloadsAtOnce: 1 } })
    const first = await yard.jobs.start(request({ into: ['ollama'], switch: false }))
    const second = await yard.jobs.start(request({ quantization: 'Q8_0', into: ['ollama'], switch: false }))
    await here.test.waitFor((event) => event.type === 'job.stage' && event.job.waitingFor === 'turn')
    const waiting = [first, second].filter((one) => one.get().state === 'waiting')
    expect(waiting).toHaveLength(1)
    expect((await yard.status()).jobs).toEqual({ running: 1, waiting: 1 })
    expect(await Promise.all([first.ended(), second.ended()])).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }])
  })

  it('unknown: job_not_found', async () => {
    await using here = await scene()
    const { jobs } = here.test.yard
    expect(() => jobs.get('nothing')).toThrow(expect.objectContaining({ code: 'job_not_found' }))
    await expect(jobs.cancel('nothing')).rejects.toMatchObject({ code: 'job_not_found' })
  })
})

describe('what passes by itself', () => {
  it('a page instead of the file, on the way of the bytes, costs nothing but time', async () => {
    await using here = await scene({ files: [{ path: 'tiny-Q4_0.gguf', content: longTiny }] })
    const plan = await here.test.yard.jobs.preflight(request({ into: ['ollama'] }))
    expect(plan.downloadBytes).toBe(longTiny.length)
    here.hub.cdn.faults.add({ kind: 'html', skip: 1, times: 4 })
    const job = await got(here, request({ into: ['ollama'], switch: false }))
    expect(job).toMatchObject({ state: 'succeeded' })
  })

  it('a Hub that has had enough is waited for', async () => {
    await using here = await scene({
      hub: { repositories: [{ repo, files: [{ path: 'tiny-Q4_0.gguf', content: longTiny }] }], quota: { api: 0 }, windowSeconds: 0 },
    })
    const job = await here.test.yard.jobs.start(request({ into: ['ollama'], switch: false }))
    await here.test.waitFor((event) => event.type === 'job.stage' && event.job.waitingFor === 'rate-limit')
    expect(job.get()).toMatchObject({ state: 'waiting', stage: 'resolve' })
    here.hub.refill()
    await here.test.yard.jobs.cancel(job.id)
  })
})
