/** Which engines hold the same bytes, and what that costs: by inode, by hash where one is known, each inode once. */
import { createHash } from 'node:crypto'
import { link, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLibrary } from '../../src/library/create-library.ts'
import type { HeldFile, ModelDetails, Provider } from '../../src/providers/provider.ts'
import { holdersOf } from '../../src/yard/holders.ts'

const { signal } = new AbortController()
let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'holders-')))
})
afterEach(() => rm(folder, { recursive: true }))

type Files = readonly (Pick<HeldFile, 'name' | 'path'> & Partial<HeldFile>)[]

/** Only what is asked here. */
function engine(id: string, files: Files | Error): Provider {
  const all = async (): Promise<HeldFile[]> => {
    if (files instanceof Error) throw files
    const sizes = await Promise.all(files.map(({ path }) => stat(path).then(({ size }) => size)))
    return files.map((one, index) => ({ bytes: sizes[index] ?? 0, role: 'weights' as const, ...one }))
  }
  return {
    id,
    files: async (_: AbortSignal, name?: string) => (await all()).filter((one) => name === undefined || one.name === name),
  } as unknown as Provider
}

const details = (name: string, more: Partial<ModelDetails> = {}): ModelDetails => ({ name, kind: 'chat', capabilities: [], ...more })
const bytes = 300_000
const write = async (name: string, fill = 'weights'): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, Buffer.alloc(bytes, fill))
  return path
}
const hashOf = (fill: string): string => createHash('sha256').update(Buffer.alloc(bytes, fill)).digest('hex')
const blocksOf = async (path: string): Promise<number> => (await stat(path)).blocks * 512

it('a hard link is the same file and costs nothing more; another file of the same size is not', async () => {
  const [mine, other, unlike] = [await write('mine'), join(folder, 'other'), await write('unlike', 'others!')]
  await link(mine, other)
  const ollama = engine('ollama', [{ name: 'm:latest', path: mine }])
  const studio = engine('lmstudio', [
    { name: 'a/m', path: other },
    { name: 'a/n', path: unlike },
  ])
  expect(await holdersOf(details('m:latest'), ollama, { providers: [ollama, studio] }, signal)).toEqual({
    holders: [
      { ref: 'ollama/m:latest', path: mine, bytes },
      { ref: 'lmstudio/a/m', path: other, bytes },
    ],
    diskBytes: await blocksOf(mine),
  })
})

it('a copy is the same bytes where both hashes are known, and costs twice', async () => {
  const [mine, copy] = [await write('mine'), await write('copy')]
  const asked: string[] = []
  const known = async (path: string): Promise<string | undefined> => {
    asked.push(path)
    return path === copy ? hashOf('weights') : undefined
  }
  const ollama = engine('ollama', [{ name: 'm', path: mine, sha256: hashOf('weights') }])
  const studio = engine('lmstudio', [{ name: 'a/m', path: copy }])
  const found = await holdersOf(details('m'), ollama, { providers: [studio, ollama], hashes: { known } }, signal)
  expect(found.holders.map(({ ref }) => ref)).toEqual(['ollama/m', 'lmstudio/a/m'])
  expect(found.diskBytes).toBe((await blocksOf(mine)) * 2)
  const unknown = await holdersOf(details('m'), ollama, { providers: [studio, ollama] }, signal)
  expect(unknown.holders.map(({ ref }) => ref)).toEqual(['ollama/m'])
  expect(asked).toEqual([copy])
})

it('other names in the same engine are told; a link among them is counted once', async () => {
  const mine = await write('mine')
  await symlink(mine, join(folder, 'link'))
  const ollama = engine('ollama', [
    { name: 'm', path: mine },
    { name: 'copy-of-m', path: join(folder, 'link') },
  ])
  const found = await holdersOf(details('m'), ollama, { providers: [ollama] }, signal)
  expect(found.holders.map(({ ref }) => ref)).toEqual(['ollama/m', 'ollama/copy-of-m'])
  expect(found.diskBytes).toBe(await blocksOf(mine))
})

it('shards are all told; half of them, or a projector alone, makes no holder', async () => {
  const [one, two, sees] = [await write('1', 'one'), await write('2', 'two'), await write('3', 'sees')]
  const own = { name: 'm', path: '' }
  const embedded = engine('embedded', [
    { ...own, path: one },
    { ...own, path: two },
    { ...own, path: sees, role: 'projector' },
  ])
  const half = engine('half', [{ name: 'h', path: one }])
  const projector = engine('projector', [
    { name: 'p', path: sees, role: 'projector' },
    { name: 'p', path: await write('4', 'four') },
  ])
  const found = await holdersOf(details('m'), embedded, { providers: [embedded, half, projector] }, signal)
  expect(found.holders.map(({ ref, path }) => [ref, path])).toEqual([one, two, sees].map((path) => ['embedded/m', path]))
})

it('an engine that tells no files has its own size, one that fails holds nothing that is known', async () => {
  const silent = { id: 'openai' } as unknown as Provider
  const failing = engine('failing', new Error('gone'))
  expect(await holdersOf(details('m', { sizeBytes: 7 }), silent, { providers: [silent, failing] }, signal)).toEqual({
    holders: [{ ref: 'openai/m', bytes: 7 }],
    diskBytes: 7,
  })
  const path = await write('mine')
  const shown = details('m', { files: [{ path, bytes }] })
  expect(await holdersOf(shown, failing, { providers: [failing] }, signal)).toEqual({
    holders: [{ ref: 'failing/m', path, bytes }],
    diskBytes: await blocksOf(path),
  })
})

it('says where the library has it from, for the engines that share its file too', async () => {
  const library = await createLibrary({ folder: join(folder, 'library'), log: () => undefined })
  const file = { from: await write('source'), repo: 'Qwen/Q-GGUF', file: 'q.gguf', sha256: hashOf('weights'), bytes }
  const { path } = await library.put(file, 'move', { signal })
  const linked = join(folder, 'linked')
  await link(path, linked)
  const embedded = engine('embedded', [{ name: 'Qwen/Q-GGUF/q', path }])
  const studio = engine('lmstudio', [{ name: 'q', path: linked }])
  const sources = { providers: [embedded, studio], library }
  for (const [name, provider] of [['Qwen/Q-GGUF/q', embedded] as const, ['q', studio] as const])
    expect((await holdersOf(details(name), provider, sources, signal)).source).toEqual({
      repo: 'Qwen/Q-GGUF',
      file: 'q.gguf',
      sha256: hashOf('weights'),
    })
})
