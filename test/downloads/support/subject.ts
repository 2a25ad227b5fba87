/** A stand-in CDN, a folder and the downloads into it, quick to fail; all gone after the test. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach } from 'vitest'
import { createDownloads } from '../../../src/downloads/create-downloads.ts'
import type { DownloadFile, DownloadLimits, DownloadProgress, Downloads, DownloadsOptions } from '../../../src/downloads/downloads.ts'
import { cdnSha256, type FakeCdn, type FakeCdnOptions, fakeCdn } from '../../../src/testing/index.ts'

export const limits: Partial<DownloadLimits> = {
  stallMs: 5000,
  pauseMs: [1, 5],
  diskMs: 5,
  signInMs: 5,
  wholeBytes: 0,
  reportMs: 5,
  sampleMs: 50,
}

export const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of cleanUp.splice(0).reverse()) await one()
})

export interface Subject {
  readonly cdn: FakeCdn
  readonly downloads: Downloads
  readonly folder: string
  readonly seen: DownloadProgress[]
  file(changes?: Partial<DownloadFile>): DownloadFile
  get(changes?: Partial<DownloadFile>): Promise<{ readonly path: string }>
}

export async function setUp(options: FakeCdnOptions, changes: Partial<DownloadsOptions> = {}): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'downloads-'))
  cleanUp.push(() => rm(folder, { recursive: true }))
  const cdn = await fakeCdn(options)
  cleanUp.push(() => cdn.close())
  const downloads = createDownloads({ folder, connections: 4, log: () => undefined, ...changes, limits: { ...limits, ...changes.limits } })
  cleanUp.push(() => downloads.close())
  const seen: DownloadProgress[] = []
  const { bytes } = options
  const sha256 = options.content ? '' : cdnSha256(bytes)
  const file = (other: Partial<DownloadFile> = {}): DownloadFile => ({
    sha256,
    bytes,
    gguf: bytes >= 4,
    resolve: async () => ({ url: cdn.sign(), headers: {}, etag: 'one' }),
    ...other,
  })
  const get: Subject['get'] = (other) =>
    downloads.fetch(file(other), { signal: new AbortController().signal, onProgress: (progress) => void seen.push(progress) })
  return { cdn, downloads, folder, seen, file, get }
}

export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** What was told of waiting, in order. */
export const waits = (seen: readonly DownloadProgress[]): string[] =>
  seen.flatMap(({ waitingFor }, index) => (waitingFor !== undefined && waitingFor !== seen[index - 1]?.waitingFor ? [waitingFor] : []))
