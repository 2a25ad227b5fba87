/** A child that does not hear: given up after a time, and its end explained. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSupervised, surroundings, unpacked } from '../../../src/platform/child-process.ts'
import { createPatience } from '../../../src/providers/embedded/child-patience.ts'
import { testFolder } from '../../support/test-yard.ts'

const exitOf = (child: ReturnType<typeof startSupervised>): Promise<string> => new Promise((resolve) => child.onExit(resolve))

describe('a supervised child', () => {
  let folder: string
  beforeEach(async () => {
    folder = await testFolder()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('does not get our secrets', () => {
    const env = {
      PATH: '/bin',
      MODELYARD_TOKEN: 's',
      HF_TOKEN: 's',
      BOX_KEY: 's',
      CUDA_VISIBLE_DEVICES: '0',
      HTTP_PROXY: 's',
      NODE_OPTIONS: 's',
    }
    expect(surroundings(env, undefined)).toEqual({ PATH: '/bin', CUDA_VISIBLE_DEVICES: '0' })
  })

  it('inside Electron is run as Node by the same program', () => {
    expect(surroundings({ PATH: '/bin', ELECTRON_RUN_AS_NODE: '0' }, '45.3.4')).toEqual({ PATH: '/bin', ELECTRON_RUN_AS_NODE: '1' })
  })

  it('lies beside an archive, not in it', () => {
    expect(unpacked('/a/app.asar/dist/child.js')).toBe('/a/app.asar.unpacked/dist/child.js')
    expect(unpacked('/a/app.asar.unpacked/child.js')).toBe('/a/app.asar.unpacked/child.js')
  })

  it('explains its end by the last telling line it wrote', async () => {
    const file = join(folder, 'child.mjs')
    await writeFile(file, `process.stderr.write('hello\\nGGML_ASSERT(n > 0) failed\\n'); process.exitCode = 3; process.disconnect()`)
    expect(await exitOf(startSupervised({ file }))).toBe('code 3: GGML_ASSERT(n > 0) failed')
  })

  it('keeps the first reason for which it was ended', async () => {
    const file = join(folder, 'child.mjs')
    await writeFile(file, 'setInterval(() => {}, 1000)')
    const child = startSupervised({ file })
    const why = exitOf(child)
    await Promise.all([child.end('enough'), child.end('again')])
    expect([await why, child.alive]).toEqual(['enough', false])
  })
})

describe('the patience with a child', () => {
  it('ends when nothing is heard, not when it was', async () => {
    const given: string[] = []
    const end = new Promise<void>((resolve) => {
      const patience = createPatience(1, () => {
        given.push('up')
        resolve()
      })
      patience.begin(1)
      patience.end(1)
      patience.begin(2)
    })
    await end
    expect(given).toEqual(['up'])
  })
})
