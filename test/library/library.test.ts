/** Files come whole under their names, once, and the index tells only what is still so. */
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLibrary } from '../../src/library/create-library.ts'
import type { LibraryStore, NewFile } from '../../src/library/library-store.ts'

let base: string
let library: LibraryStore
const warnings: string[] = []
const context = { signal: new AbortController().signal }
const open = (): Promise<LibraryStore> =>
  createLibrary({ folder: join(base, 'library'), log: () => undefined, onWarning: (text) => void warnings.push(text) })

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'library-')))
  warnings.length = 0
  library = await open()
})
afterEach(async () => {
  await library.close()
  await rm(base, { recursive: true })
})

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

async function fresh(text: string, { repo = 'Qwen/Qwen3-GGUF', file = 'a.gguf', folder = base } = {}): Promise<NewFile> {
  const from = join(folder, `source-${hashOf(text + file).slice(0, 8)}`)
  await writeFile(from, text)
  return { from, repo, file, sha256: hashOf(text), bytes: Buffer.byteLength(text), commit: 'c0ffee' }
}

/** Everything below the library that is not the index. */
async function names(): Promise<string[]> {
  const all = await readdir(library.folder, { recursive: true, withFileTypes: true })
  return all
    .filter((one) => !one.isDirectory() && one.name !== 'index.json')
    .map((one) => one.name)
    .sort()
}

it('moves a file into its place, read-only, and tells of it', async () => {
  const file = await fresh('weights', { file: 'q4/a-00001-of-00002.gguf' })
  const entry = await library.put(file, 'move', context)
  expect(entry).toEqual({
    path: join(library.folder, 'Qwen/Qwen3-GGUF/q4/a-00001-of-00002.gguf'),
    name: 'Qwen/Qwen3-GGUF/q4/a-00001-of-00002.gguf',
    bytes: 7,
    sha256: file.sha256,
    repo: 'Qwen/Qwen3-GGUF',
    file: 'q4/a-00001-of-00002.gguf',
    commit: 'c0ffee',
    putBy: 'us',
  })
  expect((await lstat(entry.path)).mode & 0o777).toBe(0o444)
  await expect(lstat(file.from)).rejects.toMatchObject({ code: 'ENOENT' })
  expect([await library.find(file.sha256), await library.at(entry.path)]).toEqual([entry, entry])
  expect(await library.at(join(library.folder, 'Qwen/Qwen3-GGUF/other.gguf'))).toBeUndefined()
  const another = await open()
  expect(await another.list()).toEqual([entry])
  expect(another.partialsFolder).toBe(join(library.folder, '.modelyard/partials'))
})

it('links a file and leaves its source as it is', async () => {
  const file = await fresh('weights')
  const before = await lstat(file.from)
  const { path } = await library.put(file, 'link', context)
  expect(await readFile(path, 'utf8')).toBe('weights')
  expect(await lstat(file.from)).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs, size: 7 })
  expect(await names()).toEqual(['a.gguf'])
})

it('the same bytes under the same name are there already, whether the index knows it or not', async () => {
  await library.put(await fresh('weights'), 'move', context)
  const again = await fresh('weights')
  await library.put(again, 'move', context)
  await expect(lstat(again.from)).rejects.toMatchObject({ code: 'ENOENT' })
  await rm(join(library.folder, '.modelyard/index.json'))
  const linked = await fresh('weights')
  const entry = await library.put(linked, 'link', context)
  expect(await library.find(linked.sha256)).toEqual(entry)
  expect(await readFile(linked.from, 'utf8')).toBe('weights')
})

it("a file that a person put there stays that person's when its bytes come again, also over a restart", async () => {
  const file = await fresh('weights')
  const own = join(library.folder, 'Qwen/Qwen3-GGUF/a.gguf')
  await mkdir(dirname(own), { recursive: true })
  await writeFile(own, 'weights')
  expect((await library.find(file.sha256, { bytes: 7, signal: context.signal }))?.putBy).toBe('other')
  for (const store of [library, await open()])
    expect(await store.put(await fresh('weights'), 'link', context)).toMatchObject({ path: own, putBy: 'other', repo: file.repo })
  expect((await library.at(own))?.putBy).toBe('other')
  const beside = await library.put(await fresh('weights', { file: 'b.gguf' }), 'link', context)
  expect([beside.putBy, (await library.at(beside.path))?.putBy]).toEqual(['us', 'us'])
})

it('a put whose source a crash took away already is done', async () => {
  const file = await fresh('weights')
  const entry = await library.put(file, 'move', context)
  await rm(join(library.folder, '.modelyard/index.json'))
  expect(await library.put(file, 'move', context)).toEqual({ ...entry, putBy: 'other' })
})

it('other bytes under the name are a conflict, of the same size too, and stay', async () => {
  const entry = await library.put(await fresh('weights'), 'move', context)
  for (const text of ['WEIGHTS', 'more weights'])
    await expect(library.put(await fresh(text), 'move', context)).rejects.toMatchObject({ code: 'conflict' })
  expect(await readFile(entry.path, 'utf8')).toBe('weights')
  expect(await library.list()).toEqual([entry])
})

it('the same bytes under another name are a link', async () => {
  const one = await library.put(await fresh('weights'), 'move', context)
  const other = await library.put(await fresh('weights', { repo: 'other/Repo', file: 'b.gguf' }), 'move', context)
  expect((await lstat(other.path)).ino).toBe((await lstat(one.path)).ino)
  expect(await names()).toEqual(['a.gguf', 'b.gguf'])
  expect((await library.list()).length).toBe(2)
})

it('names that differ in case only are one name', async () => {
  const one = await library.put(await fresh('weights'), 'move', context)
  expect(await library.put(await fresh('weights', { repo: 'qwen/qwen3-gguf', file: 'A.GGUF' }), 'move', context)).toMatchObject({
    path: one.path,
  })
  await expect(library.put(await fresh('others', { repo: 'qwen/qwen3-gguf', file: 'A.gguf' }), 'move', context)).rejects.toMatchObject({
    code: 'conflict',
  })
  expect(await names()).not.toContain('A.gguf')
})

it.each([
  ['..', 'a.gguf'],
  ['../../x', 'a.gguf'],
  ['.modelyard/partials', 'a.gguf'],
  ['con/x', 'a.gguf'],
  ['a/b', '../a.gguf'],
  ['a/b', '/a.gguf'],
  ['a/b', 'c\u0000.gguf'],
  ['a/b', 'c\u202e.gguf'],
  ['a/b', '.hidden/a.gguf'],
  ['a/b', '.a.gguf'],
  ['a/b', 'NUL.gguf'],
  ['a/b', 'C:a.gguf'],
  ['a/b', 'a\\b.gguf'],
  ['a/b', '1/2/3/a.gguf'],
  ['a/b', 'a.exe'],
  ['a/b', ''],
])('refuses %j %j', async (repo, file) => {
  const source = await fresh('weights')
  await expect(library.put({ ...source, repo, file }, 'move', context)).rejects.toMatchObject({ code: 'unsafe_name' })
  expect(await readdir(library.folder)).toEqual(['.modelyard'])
  expect(await readFile(source.from, 'utf8')).toBe('weights')
})

it('never goes through a linked folder or over a link', async () => {
  const outside = join(base, 'outside')
  await mkdir(join(outside, 'Qwen3-GGUF'), { recursive: true })
  await writeFile(join(outside, 'Qwen3-GGUF/a.gguf'), 'weights')
  await symlink(outside, join(library.folder, 'Qwen'))
  await expect(library.put(await fresh('weights'), 'move', context)).rejects.toMatchObject({ code: 'conflict' })
  await rm(join(library.folder, 'Qwen'))
  await mkdir(join(library.folder, 'Qwen/Qwen3-GGUF'), { recursive: true })
  await symlink(join(outside, 'Qwen3-GGUF/a.gguf'), join(library.folder, 'Qwen/Qwen3-GGUF/a.gguf'))
  await expect(library.put(await fresh('weights'), 'move', context)).rejects.toMatchObject({ code: 'conflict' })
  expect(await readdir(join(outside, 'Qwen3-GGUF'))).toEqual(['a.gguf'])
  expect(await library.list()).toEqual([])
})

it('tells nothing of a file that changed, went, or came into another place', async () => {
  const file = await fresh('weights')
  const { path } = await library.put(file, 'move', context)
  await chmod(path, 0o600)
  await writeFile(path, 'WEIGHTS')
  expect([await library.find(file.sha256), await library.list()]).toEqual([undefined, []])
  await rm(path)
  expect(await library.find(file.sha256)).toBeUndefined()
  const entry = await library.put(await fresh('weights'), 'move', context)
  await library.forget(entry.path)
  expect(await library.list()).toEqual([])
  expect(await readFile(entry.path, 'utf8')).toBe('weights')
})

it('a damaged index is said, and costs only its damaged lines', async () => {
  const kept = await library.put(await fresh('weights'), 'move', context)
  await library.put(await fresh('others', { file: 'b.gguf' }), 'move', context)
  const index = join(library.folder, '.modelyard/index.json')
  const lines = (await readFile(index, 'utf8')).split('\n')
  await writeFile(index, lines.map((line) => (line.includes('b.gguf') ? line.slice(0, 30) : line)).join('\n'))
  library = await open()
  expect(await library.list()).toEqual([kept])
  expect(warnings.length).toBe(1)
  await writeFile(index, '{"__proto__":{"polluted":true}}')
  expect(await library.list()).toEqual([])
})

it('an index that points elsewhere is not believed, one that is a link is not followed', async () => {
  const { sha256, path } = await library.put(await fresh('weights'), 'move', context)
  const outside = join(base, 'outside.gguf')
  await writeFile(outside, 'weights')
  const index = join(library.folder, '.modelyard/index.json')
  const text = await readFile(index, 'utf8')
  const { ino, mtimeMs } = await lstat(outside)
  await writeFile(
    index,
    text
      .replace(/"name":"[^"]+"/, '"name":"../outside.gguf"')
      .replace(/"ino":\d+/, `"ino":${ino}`)
      .replace(/"mtimeMs":[\d.]+/, `"mtimeMs":${mtimeMs}`),
  )
  expect(await library.find(sha256)).toBeUndefined()
  const victim = join(base, 'victim')
  await writeFile(victim, text)
  await rm(index)
  await symlink(victim, index)
  expect(await library.list()).toEqual([])
  await library.put(await fresh('weights'), 'move', context)
  expect([await readFile(victim, 'utf8'), (await library.find(sha256))?.path]).toEqual([text, path])
})

it('a hidden folder that is a link is not written to', async () => {
  await library.put(await fresh('weights'), 'move', context)
  await rm(join(library.folder, '.modelyard'), { recursive: true })
  const outside = join(base, 'outside')
  await mkdir(join(outside, 'partials'), { recursive: true })
  await symlink(outside, join(library.folder, '.modelyard'))
  library = await open()
  await expect(library.put(await fresh('others', { file: 'b.gguf' }), 'move', context)).rejects.toMatchObject({ code: 'conflict' })
  expect([await readdir(outside), await readdir(join(outside, 'partials'))]).toEqual([['partials'], []])
})

it('a source that is not what it was said to be leaves nothing', async () => {
  const file = await fresh('weights')
  await expect(library.put({ ...file, bytes: 8 }, 'move', context)).rejects.toMatchObject({ code: 'conflict' })
  await expect(library.put({ ...file, from: join(base, 'gone') }, 'move', context)).rejects.toMatchObject({ code: 'file_not_found' })
  expect(await readdir(library.folder)).toEqual(['.modelyard'])
  expect(await names()).toEqual([])
})

it('many at once lose nothing', async () => {
  const other = await open()
  const files = await Promise.all(Array.from({ length: 40 }, (_, index) => fresh(`weights ${index}`, { file: `${index}.gguf` })))
  await Promise.all(files.map((file, index) => (index % 2 ? library : other).put(file, 'move', context)))
  expect((await library.list()).map(({ sha256 }) => sha256).sort()).toEqual(files.map(({ sha256 }) => sha256).sort())
  await Promise.all(files.map(({ file }, index) => (index % 2 ? other : library).forget(join(library.folder, 'Qwen/Qwen3-GGUF', file))))
  expect(await other.list()).toEqual([])
})

it('told the size it also looks at files that a person put there, and hashes none of another size', async () => {
  const folder = join(library.folder, 'own/place')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'mine.gguf'), 'weights')
  await writeFile(join(folder, 'same-size.gguf'), 'WEIGHTS')
  await symlink(join(folder, 'mine.gguf'), join(library.folder, 'a-link.gguf'))
  const hashed: string[] = []
  library = await createLibrary({
    folder: library.folder,
    log: () => undefined,
    hashes: {
      of: async (path) => {
        hashed.push(path)
        return hashOf(await readFile(path, 'utf8'))
      },
    },
  })
  expect(await library.find(hashOf('weights'))).toBeUndefined()
  const found = await library.find(hashOf('weights'), { bytes: 7, ...context })
  expect(found).toMatchObject({ name: 'own/place/mine.gguf', sha256: hashOf('weights') })
  expect(await library.find(hashOf('weights'))).toEqual(found)
  expect(await library.find(hashOf('others'), { bytes: 8, ...context })).toBeUndefined()
  expect(await library.find(hashOf('nobody'), { bytes: 7, ...context })).toBeUndefined()
  expect(hashed.sort()).toEqual([join(folder, 'mine.gguf'), join(folder, 'same-size.gguf')])
})
