/** What is held twice and what was left over is said with its bytes, and mended when told so: that, and nothing else. */
import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLibrary } from '../../src/library/create-library.ts'
import { createFileHashes } from '../../src/library/hashes.ts'
import type { FileHashes, LibraryStore } from '../../src/library/library-store.ts'
import type { HeldFile, Provider } from '../../src/providers/provider.ts'
import { examineFiles, type FilesContext, fixFiles } from '../../src/yard/doctor-files.ts'

const { signal } = new AbortController()
const bytes = 2 ** 21
/** A place that no sample of a file so long looks at. */
const between = 100_000
let base: string
let library: LibraryStore
let hashes: FileHashes
const forgotten: string[] = []
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'doctor-')))
  hashes = createFileHashes({ cacheFile: join(base, 'hashes.json'), log: () => undefined })
  library = await createLibrary({ folder: join(base, 'library'), log: () => undefined, hashes })
  forgotten.length = 0
})
afterEach(async () => {
  await hashes.close()
  await rm(base, { recursive: true })
})

const data = randomBytes(bytes)
const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

async function write(name: string, content = data): Promise<string> {
  const path = join(base, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

const engine = (id: string, paths: readonly string[], sha256?: string): Provider =>
  ({
    id,
    files: async (): Promise<HeldFile[]> =>
      Promise.all(paths.map(async (path, index) => ({ name: `m${index}`, path, bytes: (await stat(path)).size, role: 'weights', sha256 }))),
  }) as unknown as Provider

const context = (providers: readonly Provider[], more: Partial<FilesContext> = {}): FilesContext => ({
  providers,
  library,
  hashes,
  partials: [],
  wantedPartials: new Set(),
  forgetPartial: async (sha256) => void forgotten.push(sha256),
  signal,
  ...more,
})

/** A copy of it in the library. */
async function inLibrary(content = data): Promise<string> {
  const from = await write('from', content)
  return (await library.put({ from, repo: 'a/R', file: 'q.gguf', sha256: hashOf(content), bytes: content.length }, 'move', { signal })).path
}

it('the same bytes in the library and in an engine become one file, the one of the library', async () => {
  const [mine, copy] = [await inLibrary(), await write('studio/a/r/q.gguf')]
  const studio = engine('lmstudio', [copy])
  const [found, ...rest] = await examineFiles(context([studio]))
  expect(found).toMatchObject({ level: 'warning', fixable: true, bytes: (await stat(copy)).blocks * 512 })
  expect(found?.text).toBe(`${mine} and ${copy} hold the same bytes (2 MB) twice.`)
  expect(rest).toEqual([])
  expect((await stat(copy)).nlink).toBe(1)
  await fixFiles(context([studio]), [found?.id ?? ''])
  expect((await stat(copy)).ino).toBe((await stat(mine)).ino)
  expect([await examineFiles(context([studio])), (await library.at(mine))?.sha256]).toEqual([[], hashOf(data)])
})

it('only what was asked is mended', async () => {
  const other = randomBytes(bytes)
  const paths = await Promise.all([write('a/1'), write('b/1'), write('a/2', other), write('b/2', other)])
  const studio = engine('lmstudio', paths)
  const found = await examineFiles(context([studio]))
  expect(found.map(({ level }) => level)).toEqual(['warning', 'warning'])
  await fixFiles(context([studio]), [found[1]?.id ?? '', 'duplicate:0000000000000000'])
  expect((await examineFiles(context([studio]))).map(({ id }) => id)).toEqual([found[0]?.id])
})

it('other bytes of the same size, small files, and links to one file are nothing to tell', async () => {
  const changed = Buffer.from(data)
  changed[between] = (changed[between] ?? 0) ^ 1
  const mine = await write('a/1')
  await link(mine, join(base, 'a/2'))
  const paths = [
    mine,
    join(base, 'a/2'),
    await write('b/1', changed),
    await write('c/1', data.subarray(0, 1000)),
    await write('c/2', data.subarray(0, 1000)),
  ]
  expect(await examineFiles(context([engine('lmstudio', paths)]))).toEqual([])
})

it('what takes too long is said to be not compared, and compared when it is to be mended', async () => {
  const changed = Buffer.from(data)
  changed[between] = (changed[between] ?? 0) ^ 1
  const paths = [await write('a/1'), await write('b/1'), await write('c/1', changed)]
  const studio = engine('lmstudio', paths)
  const found = await examineFiles(context([studio], { compareMs: 0 }))
  expect(found.map(({ level, bytes, fixable }) => [level, bytes, fixable])).toEqual(Array(2).fill(['info', undefined, true]))
  await fixFiles(
    context([studio]),
    found.map(({ id }) => id),
  )
  const [one, two, three] = await Promise.all(paths.map((path) => stat(path)))
  expect([one?.ino === two?.ino, one?.ino === three?.ino, three?.nlink]).toEqual([true, false, 1])
  expect((await readFile(paths[2] ?? '')).equals(changed)).toBe(true)
})

it('a wrong hash that an engine tells of makes nothing one: the bytes are compared', async () => {
  const changed = Buffer.from(data)
  changed[between] = (changed[between] ?? 0) ^ 1
  const paths = [await write('a/1'), await write('b/1', changed)]
  const liar = engine('ollama', paths, 'ab'.repeat(32))
  const [found] = await examineFiles(context([liar]))
  await expect(fixFiles(context([liar]), [found?.id ?? ''])).rejects.toMatchObject({ code: 'conflict' })
  expect((await readFile(paths[1] ?? '')).equals(changed)).toBe(true)
})

it('two copies in the library itself are mended with its index', async () => {
  const first = await inLibrary()
  const second = join(library.folder, 'b/R/q.gguf')
  await mkdir(dirname(second), { recursive: true })
  await copyFile(first, second)
  const put = { from: second, repo: 'b/R', file: 'q.gguf', sha256: hashOf(data), bytes, commit: 'c0ffee' }
  await library.put(put, 'link', { signal })
  const [found] = await examineFiles(context([]))
  await fixFiles(context([]), [found?.id ?? ''])
  expect((await stat(first)).ino).toBe((await stat(second)).ino)
  const entries = await library.list()
  expect(entries.map(({ name, commit }) => [name, commit]).sort()).toEqual([
    ['a/R/q.gguf', undefined],
    ['b/R/q.gguf', 'c0ffee'],
  ])
})

it.runIf(process.getuid?.() === 0)('files of another user, or with another name somewhere, stay as they are', async () => {
  const [mine, theirs, elsewhere] = [await inLibrary(), await write('ollama/blob'), await write('studio/q.gguf')]
  await chown(theirs, 65_534, 65_534)
  await link(elsewhere, join(base, 'elsewhere'))
  const providers = [engine('ollama', [theirs]), engine('lmstudio', [elsewhere])]
  const found = await examineFiles(context(providers))
  expect(found.map(({ level, fixable }) => [level, fixable])).toEqual(Array(2).fill(['info', false]))
  for (const { id } of found) await expect(fixFiles(context(providers), [id])).rejects.toMatchObject({ code: 'conflict' })
  expect((await Promise.all([mine, theirs, elsewhere].map((path) => stat(path)))).map(({ nlink }) => nlink)).toEqual([1, 1, 2])
})

it('one that fewer may read does not take the place of one that more may', async () => {
  const [first, second] = [await write('a/1'), await write('b/1')]
  await chmod(first, 0o600)
  await chmod(second, 0o644)
  const [found] = await examineFiles(context([engine('lmstudio', [first, second])]))
  expect(found).toMatchObject({ level: 'info', fixable: false })
})

it('left-over partials, drafts and dead links are told with what they cost, and go when told so', async () => {
  const studioFolder = join(base, 'studio/a/r')
  const model = await write('studio/a/r/q.gguf')
  await writeFile(join(studioFolder, '.modelyard-placing-0123456789ab.part'), data)
  await link(model, join(studioFolder, '.modelyard-twin-0123456789ab.part'))
  await mkdir(join(library.folder, 'a/R'), { recursive: true })
  await symlink('gone.gguf', join(library.folder, 'a/R/dead.gguf'))
  await symlink(model, join(library.folder, 'a/R/alive.gguf'))
  const partial = (sha256: string) => ({ sha256, path: join(library.partialsFolder, `${sha256}.part`), bytes: 4096, modifiedAt: 0 })
  const partials = [partial('ab'.repeat(32)), partial('cd'.repeat(32))]
  const all = context([engine('lmstudio', [model])], { partials, wantedPartials: new Set(['cd'.repeat(32)]) })
  const found = await examineFiles(all)
  expect(found.map(({ id, level, bytes, fixable }) => [id.split(':')[0], level, bytes, fixable])).toEqual([
    ['partial', 'warning', 4096, true],
    ['draft', 'info', (await lstat(join(studioFolder, '.modelyard-placing-0123456789ab.part'))).blocks * 512, true],
    ['draft', 'info', 0, true],
    ['link', 'info', 0, true],
  ])
  await fixFiles(
    all,
    found.map(({ id }) => id),
  )
  expect(forgotten).toEqual(['ab'.repeat(32)])
  expect([await readdir(studioFolder), await readdir(join(library.folder, 'a/R'))]).toEqual([['q.gguf'], ['alive.gguf']])
})
