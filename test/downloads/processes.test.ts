/** Real processes: what a killed one has told of is not fetched again; two at once fetch once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cdnSha256, type FakeCdn, fakeCdn } from '../../src/testing/index.ts'

const bytes = 12 * 2 ** 20 + 77
const sha256 = cdnSha256(bytes)
/** What the second one has told of when it is killed. */
const told = 6 * 2 ** 20
let folder: string
let cdn: FakeCdn
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'downloads-'))
  cdn = await fakeCdn({ bytes })
})
afterEach(async () => {
  await cdn.close()
  await rm(folder, { recursive: true })
})

function start(rate: number): ChildProcess {
  const program = join(import.meta.dirname, 'fixtures/download.ts')
  return spawn(process.execPath, ['--import', 'tsx', program, folder, cdn.sign(), sha256, String(bytes), String(rate)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Kills it once it tells of so many bytes; answers what it told last, or undefined when it was done before. */
async function killAt(child: ChildProcess, limit: number): Promise<void> {
  child.stdout?.on('data', (data: Buffer) => {
    const told = data.toString().trim().split('\n').at(-1)
    if (Number(told) >= limit) child.kill('SIGKILL')
  })
  await once(child, 'close')
}

async function ended(child: ChildProcess): Promise<string> {
  let said = ''
  child.stdout?.on('data', (data: Buffer) => {
    said += data.toString()
  })
  await once(child, 'close')
  return said.trim().split('\n').at(-1) ?? ''
}

const wholeHash = async (): Promise<string> =>
  createHash('sha256')
    .update(await readFile(join(folder, `${sha256}.part`)))
    .digest('hex')

it('killed twice it goes on where it was', async () => {
  // Paced, so that what lies in the buffers of the sockets stays small beside what is counted.
  await killAt(start(6e6), 2 * 2 ** 20)
  await killAt(start(6e6), told)
  const before = cdn.bytesServed
  expect(await ended(start(0))).toBe('done')
  expect(await wholeHash()).toBe(sha256)
  // What it had told of is not fetched again; the connections of the killed one may have counted a little late.
  expect(cdn.bytesServed - before).toBeLessThanOrEqual(bytes - told + 2 ** 20)
})

it('two at once fetch once and both succeed', async () => {
  expect(await Promise.all([ended(start(0)), ended(start(0))])).toEqual(['done', 'done'])
  expect(await wholeHash()).toBe(sha256)
  expect(cdn.bytesServed).toBe(bytes)
})

it('one is killed while another waits for it: that one goes on', async () => {
  const first = start(6e6)
  if (first.stdout) await once(first.stdout, 'readable')
  const second = start(0)
  const done = ended(second)
  await killAt(first, told)
  expect(await done).toBe('done')
  expect(await wholeHash()).toBe(sha256)
})
