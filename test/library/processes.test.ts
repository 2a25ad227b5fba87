/** Real processes: killed at any instant, two at once, and as a user who may not. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLibrary } from '../../src/library/create-library.ts'
import type { LibraryStore } from '../../src/library/library-store.ts'
import { asOtherUser } from '../support/as-other-user.ts'
import { smallVolume, type Volume } from '../support/other-volume.ts'

const fileCount = 24
const fileBytes = 300_000
let base: string
let volume: Volume | undefined
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'library-')))
  volume = undefined
})
afterEach(async () => {
  await rm(base, { recursive: true })
  await volume?.[Symbol.asyncDispose]()
})

async function sourcesIn(folder: string, { count = fileCount, bytes = fileBytes } = {}): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (let index = 0; index < count; index += 1) {
    const data = randomBytes(bytes)
    await writeFile(join(folder, createHash('sha256').update(data).digest('hex')), data)
  }
  return folder
}

interface Start {
  readonly library: string
  readonly sources: string
  readonly way: 'move' | 'link'
  readonly repo?: string
  readonly uid?: number
}

function start({ library, sources, way, repo = 'Qwen/Qwen3-GGUF', uid }: Start): ChildProcess {
  const program = join(import.meta.dirname, 'fixtures/put-files.ts')
  return spawn(process.execPath, ['--import', 'tsx', program, library, sources, way, repo], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid, env: { ...process.env, HOME: base, TMPDIR: join(base, 'tmp') } }),
  })
}

/** Its lines; at the given one it is killed. */
async function linesOf(child: ChildProcess, killAt = Number.POSITIVE_INFINITY): Promise<string[]> {
  const lines: string[] = []
  const closed = once(child, 'close')
  if (!child.stdout) throw new Error('expected a pipe')
  for await (const line of createInterface(child.stdout)) if (lines.push(line) >= killAt) child.kill('SIGKILL')
  await closed
  return lines
}

const hashOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

/** Every file below a `.gguf` name has the bytes that its name promises. */
async function wholeFiles(library: LibraryStore): Promise<string[]> {
  const folder = join(library.folder, 'Qwen/Qwen3-GGUF')
  const names = await readdir(folder).catch((): string[] => [])
  for (const name of names) expect((await hashOf(join(folder, name))).slice(0, 8)).toBe(basename(name, '.gguf'))
  return names
}

/** Seeded: which line each one is killed at. */
const kills = [1, 2, 3, 5, 8, 13, 21]

it.each(['move', 'link'] as const)('killed at any instant of %s it leaves whole files, and the next one ends the work', async (way) => {
  // From another volume `link` is a copy, which takes its time.
  volume = way === 'link' ? await smallVolume(64 * 2 ** 20) : undefined
  const sources = await sourcesIn(join(volume?.folder ?? base, 'sources'))
  const wanted = (await readdir(sources)).sort()
  const folder = join(base, 'library')
  for (const killAt of kills) {
    const said = await linesOf(start({ library: folder, sources, way }), killAt)
    expect(said.filter((line) => line.startsWith('error'))).toEqual([])
    const library = await createLibrary({ folder, log: () => undefined })
    const there = await wholeFiles(library)
    expect((await library.list()).map(({ path }) => basename(path)).sort()).toEqual(there.sort())
    expect(await readdir(library.partialsFolder)).toEqual([])
  }
  expect((await linesOf(start({ library: folder, sources, way }))).filter((line) => line.startsWith('error'))).toEqual([])
  const library = await createLibrary({ folder, log: () => undefined })
  expect((await library.list()).map(({ sha256 }) => sha256).sort()).toEqual(wanted)
  expect((await wholeFiles(library)).length).toBe(wanted.length)
  expect(await readdir(sources)).toEqual(way === 'move' ? [] : wanted)
  expect((await readdir(join(folder, '.modelyard'))).sort()).toEqual(['index.json', 'partials'])
})

it('two processes at once lose nothing, each with its own files and both with the same', async () => {
  const folder = join(base, 'library')
  const own = await Promise.all(['a', 'b'].map((name) => sourcesIn(join(base, name), { count: 12, bytes: 1000 })))
  const wanted = (await Promise.all(own.map((one) => readdir(one)))).flat()
  await Promise.all(own.map((sources) => linesOf(start({ library: folder, sources, way: 'move' }))))
  const same = await sourcesIn(join(base, 'same'), { count: 12, bytes: 1000 })
  const repos = ['Qwen/Qwen3-GGUF', 'Qwen/Qwen3-GGUF', 'other/Repo']
  const said = await Promise.all(repos.map((repo) => linesOf(start({ library: folder, sources: same, way: 'link', repo }))))
  expect(said.flat().filter((line) => line.startsWith('error'))).toEqual([])
  const entries = await (await createLibrary({ folder, log: () => undefined })).list()
  expect(
    entries
      .filter(({ repo }) => repo === 'Qwen/Qwen3-GGUF')
      .map(({ sha256 }) => sha256)
      .sort(),
  ).toEqual([...wanted, ...(await readdir(same))].sort())
  expect(entries.filter(({ repo }) => repo === 'other/Repo').length).toBe(12)
})

const nobody = 65_534

/** Another user may enter it, and has a folder for what his program keeps. */
async function openToAll(): Promise<void> {
  await chmod(base, 0o755)
  await mkdir(join(base, 'tmp'))
  await chmod(join(base, 'tmp'), 0o777)
}

const asRoot = process.getuid?.() === 0

const linksRefused = await readFile('/proc/sys/fs/protected_hardlinks', 'utf8').then(
  (said) => said.trim() === '1',
  () => false,
)

it.runIf(asRoot && linksRefused)(
  'where a hard link is refused there is a copy, and the source of somebody else stays as it is',
  async () => {
    const sources = await sourcesIn(join(base, 'sources'), { count: 1, bytes: 1000 })
    const [sha256 = ''] = await readdir(sources)
    await openToAll()
    await chmod(join(sources, sha256), 0o644)
    const folder = join(base, 'library')
    await mkdir(folder)
    await chown(folder, nobody, nobody)
    const [, path = ''] = await linesOf(start({ library: folder, sources, way: 'link', uid: nobody }))
    expect(await hashOf(path)).toBe(sha256)
    const [copied, source] = await Promise.all([stat(path), stat(join(sources, sha256))])
    expect([copied.uid, copied.mode & 0o777, copied.nlink]).toEqual([nobody, 0o444, 1])
    expect([source.uid, source.mode & 0o777, source.nlink]).toEqual([0, 0o644, 1])
  },
)

it.runIf(asRoot)('a folder that may not be written is said, and nothing is left', async () => {
  const sources = await sourcesIn(join(base, 'sources'), { count: 1, bytes: 1000 })
  const folder = join(base, 'library')
  await createLibrary({ folder, log: () => undefined })
  await openToAll()
  for (const one of ['.modelyard', '.modelyard/partials']) await chown(join(folder, one), nobody, nobody)
  const lines = await linesOf(start({ library: folder, sources, way: 'link', uid: nobody }))
  expect(lines).toEqual(['ready', 'error conflict'])
  expect([await readdir(folder), await readdir(join(folder, '.modelyard/partials'))]).toEqual([['.modelyard'], []])
})

it.runIf(asRoot)('a library that nothing can be put into can be read', async () => {
  const sources = await sourcesIn(join(base, 'sources'), { count: 1, bytes: 1000 })
  const library = join(base, 'library')
  const [, path = ''] = await linesOf(start({ library, sources, way: 'link' }))
  await openToAll()
  await chmod(join(library, '.modelyard'), 0o755)
  await chmod(join(library, '.modelyard/index.json'), 0o644)
  expect(
    await asOtherUser(`
      const { createLibrary } = await load('library/create-library.ts')
      const logged = []
      const opened = await createLibrary({ folder: ${JSON.stringify(library)}, log: (message) => logged.push(message) })
      const nowhere = await createLibrary({ folder: ${JSON.stringify(join(base, 'sources/none/x'))}, log: (message) => logged.push(message) })
      console.log(JSON.stringify([(await opened.list()).map(({ path }) => path), await nowhere.list(), logged.length]))`),
  ).toBe(JSON.stringify([[path], [], 2]))
})

it('a reader beside sees a whole file or none', async () => {
  const sources = await sourcesIn(join(base, 'sources'), { count: 6, bytes: 2 ** 22 })
  const library = await createLibrary({ folder: join(base, 'library'), log: () => undefined })
  const working = linesOf(start({ library: library.folder, sources, way: 'move' }))
  let done = false
  void working.then(() => {
    done = true
  })
  let looks = 0
  while (!done) {
    for (const { path, bytes } of await library.list()) {
      expect((await lstat(path)).size).toBe(bytes)
      looks += 1
    }
    await wholeFiles(library)
  }
  expect(looks).toBeGreaterThan(0)
})
