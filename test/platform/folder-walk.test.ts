/** What lies below a folder, told again only when it changed: by the same array while nothing has. */
import { writeFileSync } from 'node:fs'
import { appendFile, link, mkdir, mkdtemp, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFolderWalk, type FolderWalk, type WalkedFile } from '../../src/platform/folder-walk.ts'
import { walkFolder } from '../../src/platform/walk-folder.ts'

let root: string
let walk: FolderWalk
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'walk-')))
  walk = createFolderWalk(root, 2)
})
afterEach(() => rm(root, { recursive: true }))

async function write(name: string, content = name): Promise<string> {
  const path = join(root, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

/** As if it had been written long ago. */
const old = 1_700_000_000
async function settle(...names: string[]): Promise<void> {
  for (const name of names) await utimes(join(root, name), old, old)
}

const names = (files: readonly WalkedFile[]): string[] => files.map(({ at }) => at)
const look = (full = false): readonly WalkedFile[] => walk.look({ full })

it('files by folder and name: nothing hidden, deeper, of another kind or in a linked folder', async () => {
  for (const name of ['b/r/2.gguf', 'b/r/1.GGUF', 'a.gguf', 'b/x/y/deep.gguf', '.modelyard/p.gguf', 'b/.h.gguf', 'b/r/readme.md'])
    await write(name)
  await mkdir(join(root, 'b/r/folder.gguf'))
  await symlink(join(root, 'b'), join(root, 'linked'))
  expect(names(look())).toEqual(['a.gguf', 'b/r/1.GGUF', 'b/r/2.gguf'])
})

it('a link tells what it leads to; one that leads nowhere has no path', async () => {
  const model = await write('a/r/1.gguf', 'weights')
  await symlink(model, join(root, 'link.gguf'))
  await symlink('gone', join(root, 'dead.gguf'))
  await symlink('/', join(root, 'root.gguf'))
  expect(look().map(({ at, path, bytes }) => [at, path, bytes])).toEqual([
    ['dead.gguf', undefined, 0],
    ['link.gguf', model, 7],
    ['a/r/1.gguf', model, 7],
  ])
})

it('the same array while nothing changes, and the same objects of what has not changed', async () => {
  await write('a/r/1.gguf')
  await write('b/r/2.gguf')
  const first = look()
  expect([look() === first, look(true) === first]).toEqual([true, true])
  await write('a/r/3.gguf')
  const second = look()
  expect(names(second)).toEqual(['a/r/1.gguf', 'a/r/3.gguf', 'b/r/2.gguf'])
  expect([second[0] === first[0], second[2] === first[1]]).toEqual([true, true])
})

it('what comes, goes, is renamed or replaced in a settled folder is seen at once', async () => {
  await write('a/r/1.gguf')
  await settle('a/r/1.gguf', 'a/r', 'a', '.')
  look()
  await write('a/r/2.gguf')
  expect(names(look())).toEqual(['a/r/1.gguf', 'a/r/2.gguf'])
  await rename(join(root, 'a/r/2.gguf'), join(root, 'a/r/3.gguf'))
  expect(names(look())).toEqual(['a/r/1.gguf', 'a/r/3.gguf'])
  const other = await write('other', 'longer than before')
  await rename(other, join(root, 'a/r/1.gguf'))
  expect(look()[0]?.bytes).toBe(18)
  await rm(join(root, 'a/r'), { recursive: true })
  expect(look()).toEqual([])
  await rm(root, { recursive: true })
  expect(look()).toEqual([])
  await mkdir(root)
})

it('a file that is being written is looked at each time, an old one only by a full look', async () => {
  const growing = await write('a/r/growing.gguf', 'x')
  const settled = await write('a/r/settled.gguf', 'x')
  await settle('a/r/settled.gguf', 'a/r', 'a', '.')
  look()
  await appendFile(growing, 'y')
  expect(look().map(({ bytes }) => bytes)).toEqual([2, 1])
  await appendFile(settled, 'yz')
  await settle('a/r/settled.gguf')
  expect(look().map(({ bytes }) => bytes)).toEqual([2, 1])
  expect(look(true).map(({ bytes }) => bytes)).toEqual([2, 3])
})

it('a folder that was changed just before it was read is read again: its mtime may not tell the next change', async () => {
  await write('a/r/1.gguf')
  look()
  const { atime, mtime } = { atime: new Date(), mtime: new Date() }
  await utimes(join(root, 'a/r'), atime, mtime)
  look()
  await write('a/r/2.gguf')
  await utimes(join(root, 'a/r'), atime, mtime)
  expect(names(look())).toEqual(['a/r/1.gguf', 'a/r/2.gguf'])
})

it('by the thread: in pieces, shared by who asks at once, the same array while nothing changes', async () => {
  const target = await write('a/r/0.gguf')
  for (let index = 1; index < 1203; index += 1) await link(target, join(root, `a/r/${index}.gguf`))
  const [one, other] = await Promise.all([walkFolder(root, 2), walkFolder(`${root}/a/..`, 2)])
  expect([one.root, one.files.length, other.files === one.files]).toEqual([root, 1203, true])
  expect((await walkFolder(root, 2)).files).toBe(one.files)
  await rm(join(root, 'a/r/7.gguf'))
  expect((await walkFolder(root, 2)).files.length).toBe(1202)
  expect((await walkFolder(root, 1)).files).toEqual([])
  expect(await walkFolder(join(root, 'gone'), 2)).toEqual({ root: undefined, files: [] })
  await rm(join(root, 'a'), { recursive: true })
  expect((await walkFolder(root, 2)).files).toEqual([])
})

it('by the thread: who asks while it walks gets a walk that began after the asking', async () => {
  const target = await write('a/r/0.gguf')
  for (let index = 1; index < 1203; index += 1) await link(target, join(root, `a/r/${index}.gguf`))
  for (let round = 0; round < 40; round += 1) {
    const before = walkFolder(root, 2)
    await realpath(root)
    await realpath(root)
    writeFileSync(join(root, `new-${round}.gguf`), '')
    const [, now] = await Promise.all([before, walkFolder(root, 2)])
    expect(names(now.files)).toContain(`new-${round}.gguf`)
  }
})
