/**
 * Killed with -9 at random instants, the shipped code in real processes: it goes on from what it had, the bytes are right,
 * nothing is left over. Forty times; two hundred with MODELYARD_LONG=1.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bytesByJournal } from '../../src/downloads/read-journal.ts'
import { cdnSha256, fakeCdn } from '../../src/testing/index.ts'
import { type Bundled, bundled } from '../support/bundled.ts'
import { randomFrom, seedsOf } from '../support/seeds.ts'
import { cleanUp, hashOf } from './support/subject.ts'

const bytes = 12 * 2 ** 20 + 77
const sha256 = cdnSha256(bytes)
const kills = 5

let program: Bundled
beforeAll(async () => {
  program = await bundled(join(import.meta.dirname, 'fixtures/download.ts'))
})
afterAll(() => program[Symbol.asyncDispose]())

it.each(seedsOf(kills))('killed five times, seed %i', async (seed) => {
  const random = randomFrom(seed)
  const folder = await mkdtemp(join(tmpdir(), 'downloads-'))
  cleanUp.push(() => rm(folder, { recursive: true }))
  const cdn = await fakeCdn({ bytes, bytesPerSecond: 40e6 })
  cleanUp.push(() => cdn.close())
  const start = (more: readonly string[]) =>
    spawn(process.execPath, [program.file, folder, cdn.sign(), sha256, String(bytes), '0', ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })

  let had = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const child = start([])
    const gone = once(child, 'exit')
    // From before the first byte to after the last, whatever it does just then.
    await Promise.race([cdn.untilServed(cdn.bytesServed + (random() * 1.3 * bytes) / kills), gone])
    child.kill('SIGKILL')
    await gone
    const has = await bytesByJournal(folder, sha256)
    expect(has).toBeGreaterThanOrEqual(had)
    had = has
  }
  const before = cdn.bytesServed
  const last = start([])
  last.stdout?.resume()
  expect((await once(last, 'exit'))[0]).toBe(0)
  expect(await hashOf(join(folder, `${sha256}.part`))).toBe(sha256)
  // Of what the journal tells not a byte is fetched again; what lay in the buffers of sockets is the kernel's.
  const whole = cdn.bytesServed
  expect(whole - before).toBe(bytes - had)
  const moved = start(['forget'])
  moved.stdout?.resume()
  expect((await once(moved, 'exit'))[0]).toBe(0)
  expect([await readdir(folder), cdn.bytesServed]).toEqual([[], whole])
})
