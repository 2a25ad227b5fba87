/** Homes that share a library tell each other which bytes they count on, and leave what another does. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWantedBytes, type WantedBytes } from '../../src/library/wanted-bytes.ts'
import { deferred } from '../../src/util/deferred.ts'

const [a, b] = ['ab'.repeat(32), 'cd'.repeat(32)]
const { signal } = new AbortController()
const logged: string[] = []
let folder: string
let now: number
const of = (home: string | undefined): WantedBytes =>
  createWantedBytes({ folder, home, log: (text) => void logged.push(text), now: () => now })
const [one, two] = ['1'.repeat(16), '2'.repeat(16)]
const tells = (home: string, ...sha256s: string[]): Promise<void> => of(home).tell(() => new Set(sha256s), signal)
const said = async (): Promise<string[]> => (await readdir(join(folder, 'wanted'))).sort()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelyard-wanted-'))
  now = Date.now()
  logged.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function removedBy(home: string | undefined, sha256: string): Promise<boolean> {
  const removed: string[] = []
  await of(home).unlessOthers(sha256, async () => void removed.push(sha256), signal)
  return removed.length > 0
}

it('what another home counts on is left, until it says otherwise', async () => {
  await tells(one, a, b)
  await tells(two, b)
  expect([[...(await of(one).ofOthers())], [...(await of(two).ofOthers())].sort()]).toEqual([[b], [a, b]])
  expect([await removedBy(one, a), await removedBy(one, b), await removedBy(two, a), await removedBy(undefined, a)]).toEqual([
    true,
    false,
    false,
    false,
  ])
  await tells(two)
  expect([await said(), await removedBy(one, b)]).toEqual([[`${a}.${one}`, `${b}.${one}`], true])
})

it('what was not said again for a month counts no more, and goes when anybody speaks', async () => {
  await tells(one, a)
  now += 29 * 24 * 3600e3
  await tells(one, a)
  now += 29 * 24 * 3600e3
  expect(await removedBy(two, a)).toBe(false)
  now += 2 * 24 * 3600e3
  expect([await removedBy(two, a), await said()]).toEqual([true, [`${a}.${one}`]])
  await tells(two, b)
  expect(await said()).toEqual([`${b}.${two}`])
})

/** A removal that lasts until it is told to end. */
async function removing(): Promise<() => Promise<void>> {
  const [began, ending] = [deferred<void>(), deferred<void>()]
  const remove = async (): Promise<void> => {
    began.resolve()
    await ending.promise
  }
  const removed = of(two).unlessOthers(a, remove, signal)
  await began.promise
  return () => {
    ending.resolve()
    return removed
  }
}

it('nobody begins to count on what is being removed; whoever waits asks what is wanted when it is his turn', async () => {
  const end = await removing()
  const wanted = new Set([a])
  const telling = of(one).tell(() => wanted, signal)
  wanted.add(b)
  expect(await said()).toEqual([])
  await Promise.all([end(), telling])
  expect(await said()).toEqual([`${a}.${one}`, `${b}.${one}`])
})

it('the signal ends the wait, and a folder that cannot be written is no failure', async () => {
  const end = await removing()
  const stop = new AbortController()
  const telling = of(one).tell(() => new Set([a]), stop.signal)
  stop.abort(new Error('enough'))
  await expect(telling).rejects.toThrow('enough')
  await end()
  await writeFile(join(folder, 'file'), '')
  const nowhere = createWantedBytes({ folder: join(folder, 'file'), home: one, log: (text) => void logged.push(text), now: () => now })
  await nowhere.tell(() => new Set([a]), signal)
  expect([logged.length, await nowhere.ofOthers()]).toEqual([1, new Set()])
})
