/** Whole jobs, from a name on the Hub to a model that answered: real sockets and files, engines that behave as recorded. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { got, longTiny, repo, request, scene, tiny } from './engines.ts'

const inLibrary = (home: string, name = 'tiny-Q4_0.gguf'): string => join(home, 'library', repo, name)

describe('getting a model from the Hub', () => {
  it('whose name tells no quantization: its header does', async () => {
    await using here = await scene({ files: [{ path: 'tiny.gguf', content: tiny }] })
    const plan = await here.test.yard.jobs.preflight({ repo, into: ['lmstudio'] })
    expect(plan).toMatchObject({ quantization: 'F32', choice: 'the only one there is', warnings: [] })
  })

  it('into Ollama: downloaded, checked, one file for both, verified, used', async () => {
    await using here = await scene()
    const { test } = here
    const plan = await test.yard.jobs.preflight(request({ into: ['ollama'] }))
    expect(plan).toMatchObject({
      kind: 'ingest',
      repo,
      commit: here.hub.commitOf(repo),
      quantization: 'Q4_0',
      licence: 'mit',
      architecture: 'llama',
      template: true,
      files: [{ path: 'tiny-Q4_0.gguf', bytes: tiny.length, role: 'weights', from: 'download' }],
      downloadBytes: tiny.length,
      imports: [{ provider: 'ollama', strategy: 'registry-link', name: 'tiny:q4_0', extraBytes: 0 }],
      switch: 'default',
    })
    const job = await got(here, request({ into: ['ollama'] }))
    expect(job.error).toBeUndefined()
    expect(job).toMatchObject({
      state: 'succeeded',
      stage: 'done',
      bytesDone: tiny.length,
      bytesTotal: tiny.length,
      result: {
        refs: [{ ref: 'ollama/tiny:q4_0', verified: true }],
        verified: true,
        switch: { outcome: 'switched', ref: 'ollama/tiny:q4_0' },
      },
    })
    const file = await stat(inLibrary(test.home))
    expect([file.nlink, file.mode & 0o777]).toEqual([2, 0o444])
    expect(Buffer.compare(await readFile(inLibrary(test.home)), tiny)).toBe(0)
    expect(await readdir(join(test.home, 'library/.modelyard/partials'))).toEqual([])
    expect(test.yard.slot('default').get()).toMatchObject({ state: 'serving', ref: 'ollama/tiny:q4_0' })
    expect(here.hub.cdn.counts.leaks).toBe(0)
  })

  it('into LM Studio as well: what is here is linked, not downloaded', async () => {
    await using here = await scene()
    const { test, hub } = here
    await got(here, request({ into: ['ollama'], switch: false }))
    const served = hub.cdn.counts.bytesServed
    const plan = await test.yard.jobs.preflight(request({ into: ['lmstudio'], switch: false }))
    expect(plan).toMatchObject({
      downloadBytes: 0,
      files: [{ from: 'library', already: inLibrary(test.home) }],
      imports: [{ extraBytes: 0 }],
    })
    const job = await got(here, request({ into: ['lmstudio'], switch: false }))
    expect(job).toMatchObject({ state: 'succeeded', result: { verified: true } })
    expect(hub.cdn.counts.bytesServed).toBe(served)
    const links = [inLibrary(test.home), join(here.folders.studio, repo, 'tiny-Q4_0.gguf')]
    const [library, studio] = await Promise.all(links.map((path) => stat(path)))
    expect(studio?.ino).toBe(library?.ino)
    expect(library?.nlink).toBe(3)
  })

  it('into several at once', async () => {
    await using here = await scene()
    const job = await got(here, request({ into: ['lmstudio', 'ollama'], switch: false }))
    expect(job).toMatchObject({ state: 'succeeded', into: ['lmstudio', 'ollama'], result: { verified: true } })
    expect(job.result?.refs).toHaveLength(2)
    expect((await stat(inLibrary(here.test.home))).nlink).toBe(3)
  })

  it('tells each stage, progress that never goes back, and the end, to whoever follows it', async () => {
    await using here = await scene()
    const { test } = here
    const job = await test.yard.jobs.start(request({ into: ['ollama'], switch: false }))
    const types: string[] = []
    for await (const event of job.events()) types.push(event.type)
    expect([types[0], types.at(-1)]).toEqual(['snapshot', 'job.finished'])
    const stages = test.events.flatMap((event) => (event.type === 'job.stage' ? [event.job.stage] : []))
    expect([...new Set(stages)]).toEqual(['resolve', 'preflight', 'download', 'check', 'import', 'verify'])
    const done = test.events.flatMap((event) => (event.type === 'job.progress' && event.stage === 'download' ? [event.bytesDone] : []))
    expect(done).toEqual([...done].sort((a, b) => a - b))
    const late: string[] = []
    for await (const event of job.events()) late.push(event.type)
    expect(late).toEqual(['snapshot', 'job.finished'])
  })

  it('the same request twice is one job; another shares its download', async () => {
    await using here = await scene({ files: [{ path: 'tiny-Q4_0.gguf', content: longTiny }] })
    const { jobs } = here.test.yard
    const [first, second, other] = await Promise.all([
      jobs.start(request({ into: ['ollama'] })),
      jobs.start(request({ into: ['ollama'] })),
      jobs.start(request({ into: ['lmstudio'] })),
    ])
    expect([second.id === first.id, second.fresh, other.id === first.id]).toEqual([true, false, false])
    await Promise.all([first.ended(), other.ended()])
    expect(here.hub.cdn.counts.bytesServed).toBeLessThan(longTiny.length * 1.5)
    expect(jobs.list().map(({ state }) => state)).toEqual(['succeeded', 'succeeded'])
  })
})
