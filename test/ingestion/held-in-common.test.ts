/** Two jobs that give one engine the same model, or models that share a file: what one takes back is not the other's. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JobRequest } from '../../src/contract/index.ts'
import type { JobRecord } from '../../src/ingestion/job-record.ts'
import { deferred } from '../../src/util/deferred.ts'
import { repo, request, type Scene, scene, tiny } from './engines.ts'

type Engine = 'ollama' | 'studio'
const load = { ollama: '/api/generate', studio: '/api/v1/models/load' } as const
const inStudio = ({ folders }: Scene): string => join(folders.studio, repo, 'tiny-Q4_0.gguf')

/** A job that is held while its model is loaded. */
async function held(here: Scene, engine: Engine, wanted: JobRequest) {
  const { promise, resolve } = deferred<void>()
  here[engine].faults.add({ path: load[engine], fault: { kind: 'hold', until: promise }, times: 1 })
  const { id } = await here.test.yard.jobs.start(wanted)
  await here[engine].waitFor(() => here[engine].ledger.some(({ path }) => path === load[engine]))
  return { id, release: resolve }
}

/** Two jobs with one model and one engine: the second waits for its turn to verify what the first has put there. */
async function both(here: Scene, engine: Engine, other: JobRequest) {
  const first = await held(here, engine, request({ into: [idOf[engine]], switch: false }))
  const second = await here.test.yard.jobs.start(other)
  await here.test.waitFor((event) => event.type === 'job.stage' && event.job.id === second.id && event.job.stage === 'verify')
  return { first, second }
}

const idOf = { ollama: 'ollama', studio: 'lmstudio' } as const

describe('what two jobs gave one engine', () => {
  it.each(['ollama', 'studio'] as const)('stays when one is cancelled, and is the other’s then: %s', async (engine) => {
    await using here = await scene()
    const { first, second } = await both(here, engine, request({ into: ['lmstudio', 'ollama'], switch: false }))
    expect(await here.test.yard.jobs.cancel(first.id)).toMatchObject({ state: 'cancelled' })
    first.release()
    expect(await second.ended()).toMatchObject({ state: 'succeeded', result: { verified: true } })
    expect([existsSync(inStudio(here)), here.ollama.shelf.models.length]).toEqual([true, 1])
  })

  it('goes with the one that is stopped last', async () => {
    await using here = await scene()
    const { first, second } = await both(here, 'studio', request({ into: ['lmstudio', 'ollama'], switch: false }))
    const { promise, resolve } = deferred<void>()
    for (const engine of ['studio', 'ollama'] as const)
      here[engine].faults.add({ path: load[engine], fault: { kind: 'hold', until: promise } })
    await here.test.yard.jobs.cancel(first.id)
    await here.test.yard.jobs.cancel(second.id)
    first.release()
    resolve()
    expect([await readdir(here.folders.studio), here.ollama.shelf.models]).toEqual([[], []])
  })

  it('and both recorded, since one was killed before it knew that the other was quicker, is of the one that has it', async () => {
    await using here = await scene()
    const first = await held(here, 'studio', request({ into: ['lmstudio'], switch: false }))
    const pulling = deferred<void>()
    here.ollama.faults.add({ path: '/api/pull', fault: { kind: 'hold', until: pulling.promise }, times: 1 })
    const second = await here.test.yard.jobs.start(request({ into: ['lmstudio', 'ollama'], switch: false }))
    await here.ollama.waitFor(() => here.ollama.ledger.some(({ path }) => path === '/api/pull'))
    await here.test.yard.jobs.pause(second.id)
    pulling.resolve()
    first.release()
    expect(await here.test.yard.jobs.handle(first.id).ended()).toMatchObject({ state: 'succeeded' })
    await recordedByBoth(here, first.id, second.id)
    const again = await here.restart()
    expect(await again.yard.jobs.cancel(second.id)).toMatchObject({ state: 'cancelled' })
    expect(existsSync(inStudio(here))).toBe(true)
  })
})

async function recordedByBoth({ test }: Scene, done: string, killed: string): Promise<void> {
  const path = join(test.home, 'jobs.json')
  const records = JSON.parse(await readFile(path, 'utf8')) as JobRecord[]
  const added = records.find(({ job }) => job.id === done)?.imports[0]?.added ?? []
  expect(added).toMatchObject([{ kind: 'file', file: { bytes: tiny.length } }])
  const changed = records.map((one) =>
    one.job.id === killed
      ? {
          ...one,
          imports: one.imports.map(({ name: _, holds: __, ...part }) => (part.provider === 'lmstudio' ? { ...part, added } : part)),
        }
      : one,
  )
  await writeFile(path, JSON.stringify(changed), { mode: 0o600 })
}
