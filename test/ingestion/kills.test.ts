/**
 * Whole jobs killed with -9 at random instants, the shipped code in real processes: while a model is downloaded, checked,
 * given to two engines and verified the job goes on by itself; while it is uninstalled it is whole or gone. Nothing is left
 * over. Forty times; two hundred with MODELYARD_LONG=1.
 */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bundled, bundled } from '../support/bundled.ts'
import { type Killable, startKillable } from '../support/killable.ts'
import { randomFrom, seedsOf } from '../support/seeds.ts'
import { longTiny, repo, request, type Surroundings, surroundings, tiny } from './engines.ts'
import type { Said, Task } from './fixtures/yard.ts'

const files = [
  { path: 'mmproj-Q8_0.gguf', content: tiny },
  { path: 'tiny-Q4_0.gguf', content: longTiny },
]
const paths = files.map(({ path }) => `${repo}/${path}`)
const total = tiny.length + longTiny.length
const getting = 5
const removing = 3
const refs = ['ollama/tiny:q4_0', 'lmstudio/tiny', `embedded/${repo}/tiny-Q4_0`]

let program: Bundled
beforeAll(async () => {
  program = await bundled(join(import.meta.dirname, 'fixtures/yard.ts'))
})
afterAll(() => program[Symbol.asyncDispose]())

const start = ({ settings }: Surroundings, task: Omit<Task, 'settings'>): Killable<Said> =>
  startKillable(program.file, { settings, ...task })

const below = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((one) => !one.isDirectory())
    .map((one) => relative(folder, join(one.parentPath, one.name)))
    .sort()
}
const hashOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

/** What a library remembers beside its models. */
const memory = ['.modelyard/hashes.json', '.modelyard/index.json']
const modelsIn = async (library: string): Promise<string[]> =>
  (await below(library)).filter((one) => !memory.includes(one) && !one.startsWith('.modelyard/wanted/'))

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn()
}

/** So many more requests to the engines. */
const requests = ({ ollama, studio }: Surroundings, count: number): Promise<void> => {
  const before = ollama.ledger.length + studio.ledger.length
  const reached = (): boolean => ollama.ledger.length + studio.ledger.length >= before + count
  return Promise.race([ollama.waitFor(reached), studio.waitFor(reached)])
}

/** So many more changes of what lies in the folders; looked at once a turn. */
async function changes({ settings, folders }: Surroundings, count: number, run: Killable<Said>): Promise<void> {
  const library = join(settings.home, 'library')
  const watched = [
    settings.home,
    ...['.modelyard', '.modelyard/partials', repo].map((one) => join(library, one)),
    ...['', 'lab', repo].map((one) => join(folders.studio, one)),
    join(folders.ollama, 'blobs'),
  ]
  const now = (): string => watched.map((one) => statSync(one, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? '').join()
  let last = now()
  for (let left = count; left > 0 && !run.isOver; await turn()) {
    const seen = now()
    if (seen !== last) left -= 1
    last = seen
  }
}

/** A little later, whatever happens first. */
async function later(around: Surroundings, run: Killable<Said>, random: () => number): Promise<void> {
  const more = random() < 0.4 ? requests(around, Math.floor(random() * 12)) : changes(around, Math.floor(random() * 16), run)
  await Promise.race([more, run.ended])
  await Promise.race([turns(2 ** (random() * 6) - 1), run.ended])
}

const stages = ['resolve', 'preflight', 'download', 'check', 'import', 'verify', 'switch', 'done']
const moments = ['resolve', 'preflight', 'download', 'download', 'download', 'check', 'import', 'import', 'import', 'verify', 'switch']
const isIn = (stage: string) => (said: Said) => 'stage' in said && stages.indexOf(said.stage) >= stages.indexOf(stage)

/** From the beginning of a stage to a little after it. */
async function instant(around: Surroundings, run: Killable<Said>, stage: string, random: () => number): Promise<void> {
  const { counts } = around.hub.cdn
  await run.until(isIn(stage))
  if (stage === 'download') await Promise.race([counts.untilServed(counts.bytesServed + random() * total), run.until(isIn('check'))])
  else await later(around, run, random)
}

/** Early ones first: so that each finds the job there. */
const someMoments = (random: () => number): string[] =>
  Array.from({ length: getting }, () => Math.floor(random() * moments.length))
    .sort((a, b) => a - b)
    .map((index) => moments[index] ?? '')

async function getsIt(around: Surroundings, random: () => number): Promise<void> {
  const get = request({ into: ['ollama', 'lmstudio'] })
  const ids = new Set<string>()
  const note = ({ said }: Killable<Said>): void => {
    for (const one of said) if ('stage' in one) ids.add(one.id)
  }
  for (const stage of someMoments(random)) {
    const run = start(around, { get })
    await instant(around, run, stage, random)
    await run.kill()
    note(run)
  }
  const last = start(around, { get })
  const code = await last.ended
  note(last)
  const [end] = last.said.flatMap((said) => ('ended' in said ? [said.ended] : []))
  expect([code, end], JSON.stringify(last.said)).toMatchObject([
    0,
    { state: 'succeeded', result: { verified: true, switch: { outcome: expect.stringMatching(/^(?:switched|already_active)$/) } } },
  ])
  expect(ids.size).toBe(1)
}

async function isThere({ settings, folders, ollama, studio, hub }: Surroundings): Promise<void> {
  const library = join(settings.home, 'library')
  expect(await modelsIn(library)).toEqual(paths)
  expect(await below(folders.studio)).toEqual(paths)
  for (const { path, content } of files) {
    const file = join(library, repo, path)
    expect([await hashOf(file), (await stat(file)).nlink]).toEqual([createHash('sha256').update(content).digest('hex'), 3])
  }
  expect(await below(join(folders.ollama, 'manifests'))).toEqual(['registry.ollama.ai/library/tiny/q4_0'])
  expect(await readdir(join(folders.ollama, 'blobs'))).toHaveLength(3)
  expect([ollama.shelf.models.map(({ name }) => name), studio.shelf.models.map(({ name }) => name)]).toEqual([['tiny:q4_0'], ['tiny']])
  expect(JSON.parse(await readFile(join(settings.home, 'jobs.json'), 'utf8'))).toHaveLength(1)
  expect((await readdir(settings.home)).filter((one) => one.endsWith('.tmp'))).toEqual([])
  expect(hub.cdn.counts.leaks).toBe(0)
}

async function wholeOrGone({ settings, folders }: Surroundings): Promise<void> {
  for (const left of [await modelsIn(join(settings.home, 'library')), await below(folders.studio)]) expect([[], paths]).toContainEqual(left)
  const manifests = await below(join(folders.ollama, 'manifests'))
  expect([manifests.length, (await readdir(join(folders.ollama, 'blobs'))).length]).toEqual(manifests.length === 0 ? [0, 0] : [1, 3])
}

async function removesIt(around: Surroundings, random: () => number): Promise<void> {
  const remove = random() < 0.5 ? refs : [refs[1] ?? '', refs[0] ?? '', refs[2] ?? '']
  for (let kill = 0; kill <= removing; kill += 1) {
    const run = start(around, { remove })
    await run.until((said) => 'models' in said)
    await wholeOrGone(around)
    run.go()
    if (kill < removing) {
      await later(around, run, random)
      await run.kill()
    }
    if (kill === removing) expect(await run.ended, JSON.stringify(run.said)).toBe(0)
  }
}

async function isGone({ settings, folders }: Surroundings): Promise<void> {
  expect(await modelsIn(join(settings.home, 'library'))).toEqual([])
  expect(await readdir(join(settings.home, 'library'))).toEqual(['.modelyard'])
  expect(await readdir(folders.studio)).toEqual([])
  expect(await below(folders.ollama)).toEqual([])
}

it.each(seedsOf(getting + removing))(
  'killed again and again, seed %i',
  async (seed) => {
    const random = randomFrom(seed)
    await using around = await surroundings({
      files,
      hub: { repositories: [{ repo, files }], bytesPerSecond: 40e6 },
      providers: { embedded: { kind: 'embedded', enabled: true } },
    })
    await getsIt(around, random)
    await isThere(around)
    await removesIt(around, random)
    await isGone(around)
  },
  180_000,
)
