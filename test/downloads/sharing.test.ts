/** Who else wants the same bytes, in this process and in others: fetched once, told to all, kept until it was moved. */
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDownloads } from '../../src/downloads/create-downloads.ts'
import type { DownloadContext, DownloadProgress, Downloads } from '../../src/downloads/downloads.ts'
import { cdnSha256 } from '../../src/testing/index.ts'
import { cleanUp, hashOf, limits, setUp } from './support/subject.ts'

const bytes = 6 * 2 ** 20 + 12_345
const sha256 = cdnSha256(bytes)

function another(folder: string): Downloads {
  const downloads = createDownloads({ folder, connections: 2, log: () => undefined, limits })
  cleanUp.push(() => downloads.close())
  return downloads
}

function context(more: Partial<DownloadContext> = {}): DownloadContext & { abort(): void; seen: DownloadProgress[] } {
  const controller = new AbortController()
  const seen: DownloadProgress[] = []
  return { signal: controller.signal, seen, abort: () => controller.abort(), onProgress: (progress) => void seen.push(progress), ...more }
}

/** Answers at the first progress that is so. */
function told(isSo: (progress: DownloadProgress) => boolean): { onProgress: (progress: DownloadProgress) => void; then: Promise<void> } {
  let pass = (): void => {}
  const then = new Promise<void>((resolve) => {
    pass = resolve
  })
  return { then, onProgress: (progress) => void (isSo(progress) && pass()) }
}

it('two that want the same bytes share one download; one leaving does not end it', async () => {
  const { cdn, downloads, file, get } = await setUp({ bytes })
  const leaving = new AbortController()
  const left = downloads.fetch(file(), { signal: leaving.signal, onProgress: () => leaving.abort() })
  const [, stayed] = await Promise.allSettled([left, get()])
  expect(stayed.status).toBe('fulfilled')
  await expect(left).rejects.toMatchObject({ code: 'cancelled' })
  expect([cdn.bytesServed, cdn.links]).toEqual([bytes, 1])
})

it('who gives up while an earlier one still ends does not come in after all', async () => {
  const { cdn, downloads, file } = await setUp({ bytes, bytesPerSecond: 10e6 })
  const some = told(({ bytesDone }) => bytesDone >= 2 ** 20)
  const one = context(some)
  const first = downloads.fetch(file(), one)
  await some.then
  one.abort()
  const two = context()
  const second = downloads.fetch(file(), two)
  two.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  await expect(second).rejects.toMatchObject({ code: 'cancelled' })
  expect(cdn.bytesServed).toBeLessThan(bytes)
})

it('the last to leave ends it and keeps what came; who comes then goes on with it', async () => {
  const { cdn, downloads, file, get } = await setUp({ bytes, bytesPerSecond: 10e6 })
  const some = told(({ bytesDone }) => bytesDone >= 2 ** 20)
  const [one, two] = [context(some), context()]
  const both = [downloads.fetch(file(), one), downloads.fetch(file(), two)]
  await some.then
  one.abort()
  two.abort()
  for (const left of both) await expect(left).rejects.toMatchObject({ code: 'cancelled' })
  const had = await downloads.have(sha256)
  expect(had).toBeGreaterThanOrEqual(2 ** 20)
  const before = cdn.bytesServed
  await get()
  expect(cdn.bytesServed - before).toBe(bytes - had)
})

it('of several limits the widest holds', async () => {
  const { downloads, file } = await setUp({ bytes })
  const slow = context({ bytesPerSecond: 1000 })
  const crawling = downloads.fetch(file(), slow)
  // At the first one's limit this would take two hours.
  await Promise.all([crawling, downloads.fetch(file(), context({ bytesPerSecond: 1e9 }))])
})

it('a limit of all that is lifted, and one for all', async () => {
  const { downloads, get } = await setUp({ bytes })
  downloads.setLimit(1000)
  const some = get()
  downloads.setLimit(null)
  await some
})

it('verified is told before the end, with what every byte hashes to', async () => {
  const { downloads, file } = await setUp({ bytes })
  const said: string[] = []
  await downloads.fetch(file(), context({ onVerified: () => void said.push('verified') })).then(() => said.push('done'))
  expect(said).toEqual(['verified', 'done'])
})

it('is not removed under whoever downloads it, and wholly when it is', async () => {
  const { downloads, file, folder } = await setUp({ bytes, bytesPerSecond: 10e6 })
  const some = told(({ bytesDone }) => bytesDone > 0)
  const running = downloads.fetch(file(), context(some))
  await some.then
  for (const who of [downloads, another(folder)]) await expect(who.forget(sha256)).rejects.toMatchObject({ code: 'conflict' })
  await running
  await expect(another(folder).forget(sha256)).rejects.toMatchObject({ code: 'conflict' })
  expect((await downloads.partials()).map((one) => [one.sha256, one.bytes >= bytes])).toEqual([[sha256, true]])
  await downloads.forget(sha256)
  await downloads.forget(sha256)
  expect([await readdir(folder), await downloads.have(sha256), await downloads.partials()]).toEqual([[], 0, []])
})

it('a second process tells how far the first has come, and goes on when that one leaves', async () => {
  const { cdn, downloads, file, folder } = await setUp({ bytes, bytesPerSecond: 5e6 })
  const first = context()
  const some = told(({ bytesDone }) => bytesDone >= 2 ** 20)
  const running = downloads.fetch(file(), { ...first, ...some })
  await some.then
  const follows = told(({ bytesDone, note }) => bytesDone >= 2 ** 21 && note !== undefined)
  const second = another(folder).fetch(file(), context(follows))
  await follows.then
  first.abort()
  await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  const had = await downloads.have(sha256)
  const before = cdn.bytesServed
  expect(await hashOf((await second).path)).toBe(sha256)
  expect(cdn.bytesServed - before).toBe(bytes - had)
})

it('what is whole is kept from others until it was moved; they get it from where it is then', async () => {
  const { cdn, downloads, file, folder } = await setUp({ bytes })
  const { path } = await downloads.fetch(file(), context())
  const moved = join(folder, 'moved')
  const waits = told(({ note }) => note !== undefined)
  const asked: boolean[] = []
  const elsewhere = async (): Promise<string> => {
    asked.push((await readdir(folder)).includes('moved'))
    return moved
  }
  const second = another(folder).fetch(file({ elsewhere }), context(waits))
  await waits.then
  await rename(path, moved)
  await downloads.forget(sha256)
  expect([(await second).path, asked, cdn.bytesServed]).toEqual([moved, [true], bytes])
})

it('closing ends what runs as interrupted and keeps it', async () => {
  const { downloads, file } = await setUp({ bytes, bytesPerSecond: 5e6 })
  const some = told(({ bytesDone }) => bytesDone >= 2 ** 20)
  const running = downloads.fetch(file(), context(some))
  await some.then
  await Promise.all([expect(running).rejects.toMatchObject({ code: 'interrupted' }), downloads.close()])
  expect(await downloads.have(sha256)).toBeGreaterThanOrEqual(2 ** 20)
})

it('does not wait for the hash when it is cancelled', async () => {
  const { downloads, file } = await setUp({ bytes })
  const all = context()
  const onProgress = ({ bytesDone }: DownloadProgress): void => void (bytesDone === bytes && all.abort())
  await expect(downloads.fetch(file(), { ...all, onProgress })).rejects.toMatchObject({ code: 'cancelled' })
  expect(await downloads.have(sha256)).toBe(bytes)
})
