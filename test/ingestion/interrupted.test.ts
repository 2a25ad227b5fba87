/** Jobs that are stopped after their bytes have come: while engines get the model, while it is verified, while a slot is switched. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JobStage } from '../../src/contract/index.ts'
import { deferred } from '../../src/util/deferred.ts'
import { repo, request, type Scene, scene } from './engines.ts'

interface Held extends AsyncDisposable {
  readonly here: Scene
  readonly id: string
  /** The engine answers again. */
  release(): void
}

type Engine = 'ollama' | 'studio'

/** A job whose engine has been asked for this, in this stage, and does not answer. */
async function heldAt(engine: Engine, path: string, stage: JobStage, wanted = request({ into: ['ollama', 'lmstudio'] })): Promise<Held> {
  const here = await scene()
  const { ledger, faults, waitFor } = here[engine]
  const { promise, resolve } = deferred<void>()
  let before = Number.POSITIVE_INFINITY
  here.test.yard.onEvent((event) => {
    if (event.type !== 'job.stage' || event.job.stage !== stage || before <= ledger.length) return
    before = ledger.length
    faults.add({ path, fault: { kind: 'hold', until: promise } })
  })
  const { id } = await here.test.yard.jobs.start(wanted)
  await waitFor(() => ledger.slice(before).some((one) => one.path === path))
  const release = (): void => {
    faults.clear()
    resolve()
  }
  return {
    here,
    id,
    release,
    async [Symbol.asyncDispose]() {
      release()
      await here[Symbol.asyncDispose]()
    },
  }
}

const inLibrary = ({ test }: Scene): boolean => existsSync(join(test.home, 'library', repo, 'tiny-Q4_0.gguf'))

describe('a cancel', () => {
  it.each<[JobStage, Engine, string]>([
    ['import', 'ollama', '/api/tags'],
    ['import', 'ollama', '/api/pull'],
    ['import', 'ollama', '/api/copy'],
    ['import', 'ollama', '/api/delete'],
    ['import', 'studio', '/api/v1/models'],
    ['verify', 'ollama', '/api/generate'],
    ['verify', 'ollama', '/api/chat'],
    ['verify', 'studio', '/api/v1/models/load'],
  ])('during %s, while %s is at %s, takes back what was added; the download stays', async (stage, engine, path) => {
    await using held = await heldAt(engine, path, stage)
    const { here, id } = held
    const cancelled = here.test.yard.jobs.cancel(id)
    held.release()
    expect(await cancelled).toMatchObject({ state: 'cancelled', stage })
    expect(here.ollama.shelf.models).toEqual([])
    expect([...here.ollama.shelf.loaded, ...here.studio.shelf.loaded]).toEqual([])
    expect(await readdir(join(here.folders.ollama, 'blobs'))).toEqual([])
    expect(await readdir(here.folders.studio)).toEqual([])
    expect(inLibrary(here)).toBe(true)
    expect((await here.test.yard.models.list()).models).toEqual([])
  })

  it('during verify takes the download as well when that is asked', async () => {
    await using held = await heldAt('studio', '/api/v1/models/load', 'verify')
    const cancelled = held.here.test.yard.jobs.cancel(held.id, { partial: 'remove' })
    held.release()
    expect(await cancelled).toMatchObject({ state: 'cancelled' })
    expect([inLibrary(held.here), await readdir(held.here.folders.studio)]).toEqual([false, []])
  })

  it('during the switch leaves the model where it is, and the slot as it was', async () => {
    await using held = await heldAt('ollama', '/api/chat', 'switch')
    const { here, id } = held
    const cancelled = here.test.yard.jobs.cancel(id)
    held.release()
    expect(await cancelled).toMatchObject({ state: 'cancelled', stage: 'switch' })
    expect(here.ollama.shelf.models).toHaveLength(1)
    expect(here.test.yard.slot('default').get()).toMatchObject({ state: 'empty' })
  })
})

describe('in the middle of the switch', () => {
  it.each([
    ['by itself', undefined],
    ['as it was asked', 'default'],
  ])('a restart goes on with it, %s', async (_, slot) => {
    await using held = await heldAt('ollama', '/api/chat', 'switch', request({ into: ['ollama'], ...(slot && { switch: slot }) }))
    const { here, id } = held
    const restarted = here.restart()
    held.release()
    const { yard } = await restarted
    expect(await yard.jobs.handle(id).ended()).toMatchObject({
      state: 'succeeded',
      result: { verified: true, switch: { outcome: 'switched', ref: 'ollama/tiny:q4_0' } },
    })
    expect(yard.slot('default').get()).toMatchObject({ state: 'serving', ref: 'ollama/tiny:q4_0' })
  })

  it('a pause holds it, and it is resumed', async () => {
    await using held = await heldAt('ollama', '/api/chat', 'switch')
    const { jobs, slot } = held.here.test.yard
    const paused = jobs.pause(held.id)
    held.release()
    expect(await paused).toMatchObject({ state: 'paused', stage: 'switch' })
    expect(slot('default').get()).toMatchObject({ state: 'empty' })
    await jobs.resume(held.id)
    expect(await jobs.handle(held.id).ended()).toMatchObject({ state: 'succeeded', result: { switch: { outcome: 'switched' } } })
  })
})
