/** A file gets a second name at the least cost, whole or not at all, and never over another. */
import { readdirSync, rmSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tryLock } from '../../src/platform/kernel-lock.ts'
import type { FileIdentity } from '../../src/platform/own-file.ts'
import { leftDrafts, placeFile, removeDraft, wayOf } from '../../src/platform/place-file.ts'
import { asOtherUser, canBeOther } from '../support/as-other-user.ts'
import { btrfsVolume, smallVolume } from '../support/other-volume.ts'

interface Scene {
  readonly from: string
  readonly root: string
  readonly to: string
}

const text = 'weights of a model'
const signal = (): AbortSignal => AbortSignal.timeout(20_000)

async function withScene(run: (scene: Scene, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'modelyard-place-'))
  const [from, root] = [join(folder, 'source.gguf'), join(folder, 'root')]
  await mkdir(root)
  await writeFile(from, text)
  try {
    await run({ from, root, to: join(root, 'lab/repo/model.gguf') }, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Everything below a folder, hidden names too. */
const below = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort()
const code = (error: string) => ({ code: error })

describe('placing a file', () => {
  it('links it where it cannot be cloned: one file, two names, no bytes', async () => {
    await withScene(async ({ from, root, to }) => {
      const ways = ['hard-link', 'copy'] as const
      expect(await placeFile({ from, to, root, signal: signal(), ways })).toEqual({ way: 'hard-link', bytes: text.length })
      const [source, placed] = await Promise.all([stat(from), stat(to)])
      expect([placed.ino, placed.nlink]).toEqual([source.ino, 2])
      expect(await below(root)).toEqual(['lab', 'lab/repo', 'lab/repo/model.gguf'])
    })
  })

  it('copies where neither is possible, telling how far it is, and leaves nothing beside it', async () => {
    await withScene(async ({ from, root, to }) => {
      await writeFile(from, Buffer.alloc(3_000_000, 7))
      const told: number[] = []
      const onProgress = (done: number, total: number): number => told.push(done / total)
      expect(await placeFile({ from, to, root, signal: signal(), onProgress, ways: ['copy'] })).toMatchObject({ way: 'copy' })
      expect((await readFile(to)).equals(await readFile(from))).toBe(true)
      expect([(await stat(to)).nlink, (await stat(from)).nlink]).toEqual([1, 1])
      expect(told.length).toBeGreaterThan(1)
      expect([...told].sort((a, b) => a - b)).toEqual(told)
      expect(told.at(-1)).toBe(1)
      expect(await below(root)).toEqual(['lab', 'lab/repo', 'lab/repo/model.gguf'])
    })
  })

  it('follows a link to the source, so that the file gets the name and not the link', async () => {
    await withScene(async ({ from, root, to }, folder) => {
      await symlink(from, join(folder, 'link.gguf'))
      await placeFile({ from: join(folder, 'link.gguf'), to, root, signal: signal() })
      expect((await lstat(to)).isFile()).toBe(true)
      expect(await readFile(to, 'utf8')).toBe(text)
    })
  })

  it.each(['hard-link', 'copy'] as const)('never overwrites: by %s', async (way) => {
    await withScene(async ({ from, root, to }) => {
      await mkdir(join(root, 'lab/repo'), { recursive: true })
      await writeFile(to, 'another')
      await expect(placeFile({ from, to, root, signal: signal(), ways: [way] })).rejects.toMatchObject(code('conflict'))
      expect(await readFile(to, 'utf8')).toBe('another')
      await rm(to)
      await symlink('/nonexistent/target', to)
      await expect(placeFile({ from, to, root, signal: signal(), ways: [way] })).rejects.toMatchObject(code('conflict'))
      expect((await lstat(to)).isSymbolicLink()).toBe(true)
      expect(await below(root)).toEqual(['lab', 'lab/repo', 'lab/repo/model.gguf'])
    })
  })

  it('goes through no linked folder and never out of the root', async () => {
    await withScene(async ({ from, root, to }, folder) => {
      await mkdir(join(folder, 'elsewhere'))
      await symlink(join(folder, 'elsewhere'), join(root, 'lab'))
      await expect(placeFile({ from, to, root, signal: signal() })).rejects.toMatchObject(code('conflict'))
      const out = join(root, '../elsewhere/model.gguf')
      await expect(placeFile({ from, to: out, root, signal: signal() })).rejects.toMatchObject(code('unsafe_name'))
      expect(await readdir(join(folder, 'elsewhere'))).toEqual([])
    })
  })

  it('leaves nothing when it is aborted, folders included', async () => {
    await withScene(async ({ from, root, to }) => {
      await writeFile(from, Buffer.alloc(3_000_000, 7))
      const abort = new AbortController()
      const placing = placeFile({ from, to, root, signal: abort.signal, ways: ['copy'], onProgress: () => abort.abort() })
      await expect(placing).rejects.toMatchObject(code('cancelled'))
      expect(await below(root)).toEqual([])
      await expect(placeFile({ from, to, root, signal: abort.signal })).rejects.toMatchObject(code('cancelled'))
    })
  })

  it('fails when its folder is removed meanwhile, and does not bring it back', async () => {
    await withScene(async ({ from, root, to }) => {
      await writeFile(from, Buffer.alloc(3_000_000, 7))
      const onProgress = (): void => rmSync(join(root, 'lab'), { recursive: true, force: true })
      await expect(placeFile({ from, to, root, signal: signal(), ways: ['copy'], onProgress })).rejects.toMatchObject(code('conflict'))
      expect(await below(root)).toEqual([])
    })
  })

  it('says so when the source is not there', async () => {
    await withScene(async ({ root, to }) => {
      await expect(placeFile({ from: '/nonexistent.gguf', to, root, signal: signal() })).rejects.toMatchObject(code('file_not_found'))
      expect(await below(root)).toEqual([])
    })
  })

  it('takes over what a crash left, and can take it away', async () => {
    await withScene(async ({ from, root, to }) => {
      const abort = new AbortController()
      let draft = ''
      const onProgress = (): void => {
        draft = readdirSync(join(root, 'lab/repo'))[0] ?? ''
        abort.abort()
      }
      await placeFile({ from, to, root, signal: abort.signal, ways: ['copy'], onProgress }).catch(() => undefined)
      expect(draft).toMatch(/^\.modelyard-placing-[0-9a-f]{12}\.part$/)
      await mkdir(join(root, 'lab/repo'), { recursive: true })
      await writeFile(join(root, 'lab/repo', draft), 'half')
      await placeFile({ from, to, root, signal: signal(), ways: ['copy'] })
      expect(await readdir(join(root, 'lab/repo'))).toEqual(['model.gguf'])
      await writeFile(join(root, 'lab/repo', draft), 'half')
      await removeDraft(to)
      expect(await readdir(join(root, 'lab/repo'))).toEqual(['model.gguf'])
    })
  })

  it.each(['hard-link', 'copy'] as const)('tells which file it is before it has the name: by %s', async (way) => {
    await withScene(async ({ from, root, to }) => {
      const told: FileIdentity[] = []
      const seen: unknown[] = []
      const onReady = async (file: FileIdentity): Promise<void> => {
        told.push(file)
        seen.push(await lstat(to).catch(() => 'nothing'))
      }
      await placeFile({ from, to, root, signal: signal(), ways: [way], onReady })
      const { size, mtimeMs, ino } = await stat(to)
      expect(told).toEqual([{ bytes: size, mtimeMs, ...(way === 'hard-link' && { ino }) }])
      expect(seen).toEqual(['nothing'])
      const late = { from, to: join(root, 'other/model.gguf'), root, signal: signal(), ways: [way, 'copy'] as const }
      await expect(placeFile({ ...late, onReady: () => Promise.reject(new Error('not kept')) })).rejects.toThrow('not kept')
      const abort = new AbortController()
      const aborted = placeFile({ ...late, signal: abort.signal, onReady: async () => abort.abort() })
      await expect(aborted).rejects.toMatchObject(code('cancelled'))
      expect(await below(root)).toEqual(['lab', 'lab/repo', 'lab/repo/model.gguf'])
    })
  })

  it('leaves a draft alone that somebody writes now', async () => {
    await withScene(async ({ from, root, to }) => {
      const onReady = async (): Promise<void> => {
        await removeDraft(to)
        expect(await readdir(join(root, 'lab/repo'))).toHaveLength(1)
      }
      await placeFile({ from, to, root, signal: signal(), ways: ['copy'], onReady })
      expect(await readFile(to, 'utf8')).toBe(text)
    })
  })

  it('of one name at once ends with one whole file and one conflict', async () => {
    await withScene(async ({ from, root, to }) => {
      const both = [1, 2].map(() => placeFile({ from, to, root, signal: signal(), ways: ['copy'] }))
      const ended = await Promise.allSettled(both)
      expect(ended.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(ended.find((one) => one.status === 'rejected')).toMatchObject({ reason: code('conflict') })
      expect(await readFile(to, 'utf8')).toBe(text)
    })
  })
})

describe('another volume', () => {
  it('is copied to, and a full one says disk_full and keeps nothing', async (test) => {
    await using volume = await smallVolume(1_048_576)
    if (!volume) return test.skip()
    await withScene(async ({ from }) => {
      const to = join(volume.folder, 'lab/model.gguf')
      expect(await wayOf({ from, folder: join(volume.folder, 'lab') })).toBe('copy')
      expect(await placeFile({ from, to, root: volume.folder, signal: signal() })).toMatchObject({ way: 'copy' })
      await writeFile(from, Buffer.alloc(2_000_000, 1))
      const big = { from, to: join(volume.folder, 'big/model.gguf'), root: volume.folder, signal: signal() }
      await expect(placeFile(big)).rejects.toMatchObject(code('disk_full'))
      expect(await below(volume.folder)).toEqual(['lab', 'lab/model.gguf'])
    })
  })

  it('that clones gets a clone: another file, no bytes', async (test) => {
    await using volume = await btrfsVolume()
    if (!volume) return test.skip()
    const from = join(volume.folder, 'source.gguf')
    await writeFile(from, Buffer.alloc(1_000_000, 5))
    expect(await wayOf({ from, folder: join(volume.folder, 'root') })).toBe('reflink')
    await mkdir(join(volume.folder, 'root'))
    const to = join(volume.folder, 'root/model.gguf')
    expect(await placeFile({ from, to, root: join(volume.folder, 'root'), signal: signal() })).toMatchObject({ way: 'reflink' })
    const [source, placed] = await Promise.all([stat(from), stat(to)])
    expect([placed.ino === source.ino, placed.nlink, source.nlink]).toEqual([false, 1, 1])
    expect((await readFile(to)).equals(await readFile(from))).toBe(true)
  })
})

describe('which way would work', () => {
  it('is found by trying, for a file and for one to come, and nothing of it stays', async () => {
    await withScene(async ({ from, root }, folder) => {
      const before = await below(folder)
      const way = await wayOf({ from, folder: join(root, 'lab/repo') })
      expect(['reflink', 'hard-link']).toContain(way)
      expect(await wayOf({ from: folder, folder: join(root, 'lab/repo') })).toBe(way)
      expect(await wayOf({ from: join(folder, 'library/not/yet'), folder: root })).toBe(way)
      expect(await below(folder)).toEqual(before)
      expect((await stat(from)).nlink).toBe(1)
    })
  })

  it('takes away what a crash left of trying, and leaves alone what is being tried', async () => {
    await withScene(async ({ from, root }) => {
      const names = ['.modelyard-trial-0123456789ab', '.modelyard-trial-ba9876543210', '.modelyard-trial-else']
      for (const name of names) await writeFile(join(root, name), '')
      const lock = await tryLock(root, 'trial-0123456789ab')
      expect((await leftDrafts(root)).map(({ path }) => path)).toEqual([join(root, '.modelyard-trial-ba9876543210')])
      await wayOf({ from, folder: root })
      expect(await below(root)).toEqual(['.modelyard-trial-0123456789ab', '.modelyard-trial-else'])
      await lock?.release()
      await wayOf({ from: join(root, 'not/yet'), folder: root })
      expect(await below(root)).toEqual(['.modelyard-trial-else'])
    })
  })

  it.skipIf(!canBeOther)('is none in a folder that may not be written, and a copy where links are refused', async () => {
    await withScene(async ({ from, root, to }, folder) => {
      await chmod(folder, 0o755)
      await chmod(root, 0o755)
      const ask = `const { wayOf, placeFile } = await load('platform/place-file.ts')
        const [from, root, to] = ${JSON.stringify([from, root, to])}
        const signal = AbortSignal.timeout(20000)
        const placed = await placeFile({ from, root, to, signal }).catch((error) => ({ code: error.code }))
        console.log(JSON.stringify([await wayOf({ from, folder: root }), placed]))`
      expect(JSON.parse(await asOtherUser(ask))).toEqual([null, { code: 'conflict' }])
      expect(await below(root)).toEqual([])
      // A link to a file of somebody else's that one may not write is refused by `fs.protected_hardlinks`.
      if ((await readFile('/proc/sys/fs/protected_hardlinks', 'utf8').catch(() => '0')).trim() !== '1') return
      await chmod(root, 0o777)
      const [way, placed] = JSON.parse(await asOtherUser(ask))
      expect([way, placed.way]).not.toContain('hard-link')
      expect([(await stat(from)).nlink, await readFile(to, 'utf8')]).toEqual([1, text])
    })
  })
})
