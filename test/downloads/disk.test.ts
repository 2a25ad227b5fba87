/** A disk that is full, for a while or for good: what came is kept, written when there is room, and not fetched again. */
import { execFileSync, spawnSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createBandwidth } from '../../src/downloads/bandwidth.ts'
import { createDownloads } from '../../src/downloads/create-downloads.ts'
import { type DownloadProgress, usualLimits } from '../../src/downloads/downloads.ts'
import { openPartial, partPath } from '../../src/downloads/partial.ts'
import { runDownload } from '../../src/downloads/run-download.ts'
import { cdnSha256, type FakeCdn } from '../../src/testing/index.ts'
import { cleanUp, hashOf, limits, setUp, waits } from './support/subject.ts'

const bytes = 6 * 2 ** 20 + 12_345
const sha256 = cdnSha256(bytes)
const system = (code: string): Error => Object.assign(new Error(code), { code })

interface Ran {
  readonly cdn: FakeCdn
  readonly folder: string
  readonly seen: readonly DownloadProgress[]
  readonly verified: number
  readonly done: Promise<void>
}

/** The download itself, on this thread, with a disk that does as it is told. */
async function run(write: typeof writeSync): Promise<Ran> {
  const { cdn, folder, file } = await setUp({ bytes })
  await mkdir(folder, { recursive: true })
  const seen: DownloadProgress[] = []
  let verified = 0
  const { resolve } = file()
  const done = runDownload({
    order: {
      folder,
      sha256,
      bytes,
      gguf: true,
      connections: 2,
      bytesPerSecond: null,
      ca: undefined,
      limits: { ...usualLimits, ...limits },
    },
    resolve: () => resolve(new AbortController().signal),
    share: createBandwidth().join(null),
    signal: new AbortController().signal,
    onProgress: (progress) => void seen.push(progress),
    onVerified: () => {
      verified += 1
    },
    open: (where, what, options) => openPartial(where, what, { ...options, write }),
  })
  done.catch(() => undefined)
  return {
    cdn,
    folder,
    seen,
    done,
    get verified() {
      return verified
    },
  }
}

it.each(['ENOSPC', 'EDQUOT', 'EIO'])('%s in the middle: waits for the disk, then goes on where it was', async (code) => {
  let writes = 0
  const ran = await run(((...args: Parameters<typeof writeSync>) => {
    writes += 1
    if (writes > 6 && writes < 20) throw system(code)
    return writeSync(...args)
  }) as typeof writeSync)
  await ran.done
  expect(await hashOf(partPath(ran.folder, sha256))).toBe(sha256)
  expect([ran.cdn.bytesServed, ran.verified, [...new Set(waits(ran.seen))]]).toEqual([bytes, 1, ['disk']])
})

it('a disk that loses what was just written is repaired block by block, and not for ever', async () => {
  const ran = await run(((file: number, data: Buffer, from: number, length: number, at: number) => {
    const lost = at === 2 * 2 ** 20 ? Buffer.from(data).fill(0, 100, 200) : data
    return writeSync(file, lost, from, length, at)
  }) as typeof writeSync)
  await expect(ran.done).rejects.toMatchObject({ code: 'hash_mismatch', details: { expected: sha256 } })
  expect([ran.verified, ran.seen.filter(({ note }) => note?.startsWith('1 damaged')).length]).toEqual([0, 3])
  // Three times one block, and everything once more.
  expect(ran.cdn.bytesServed).toBe(2 * bytes + 3 * 2 ** 20)
})

it('a file that is too big for its file system says so at once', async () => {
  const { cdn, folder } = await setUp({ bytes })
  const program = join(import.meta.dirname, 'fixtures/download.ts')
  const args = [process.execPath, '--import', 'tsx', program, folder, cdn.sign(), sha256, String(bytes)].map((arg) => `'${arg}'`)
  // In units of 512 or 1024 bytes, as the shell has it: less than the file both times.
  const { stdout, status } = spawnSync('sh', ['-c', `ulimit -f 4096; exec ${args.join(' ')}`], { encoding: 'utf8' })
  expect([stdout.trim().split('\n').at(-1), status]).toEqual(['failed disk_full', 1])
  expect(cdn.bytesServed).toBe(0)
})

const tmpfs = await mkdtemp(join(tmpdir(), 'downloads-tmpfs-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', tmpfs]).status === 0
if (!mounted) await rm(tmpfs, { recursive: true })

it.skipIf(!mounted)('a real disk that is full, and then larger', async () => {
  cleanUp.push(async () => {
    execFileSync('umount', [tmpfs])
    await rm(tmpfs, { recursive: true })
  })
  const { cdn, file } = await setUp({ bytes })
  const downloads = createDownloads({ folder: join(tmpfs, 'partials'), connections: 2, log: () => undefined, limits })
  cleanUp.push(() => downloads.close())
  let full = false
  const onProgress = ({ waitingFor }: DownloadProgress): void => {
    if (waitingFor !== 'disk' || full) return
    full = true
    execFileSync('mount', ['-o', 'remount,size=32m', tmpfs])
  }
  const { path } = await downloads.fetch(file(), { signal: new AbortController().signal, onProgress })
  expect([await hashOf(path), cdn.bytesServed, full]).toEqual([sha256, bytes, true])
})
