/** SHA-256 of files, remembered by what tells one state of a file from another: device, inode, size and mtime. */
import type { BigIntStats } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import PQueue from 'p-queue'
import { z } from 'zod'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { hashFile } from '../platform/hash-file.ts'
import { waitForLock } from '../platform/kernel-lock.ts'
import { type RecordFile, readRecords, tableLock, writeRecords } from '../platform/record-file.ts'
import { untilAborted } from '../platform/until-aborted.ts'
import type { FileHashes, PutContext } from './library-store.ts'

export interface FileHashesOptions {
  /** It may be lost. */
  readonly cacheFile: string
  readonly log: (message: string, error?: unknown) => void
}

/** A disk reads one file after the other faster than many at once. */
const filesAtOnce = 2
const maxRemembered = 20_000
/** A write so soon after the last one may leave the same mtime: the clock of a file system ticks every few milliseconds. */
const tickMs = 20n
const remembered = z.tuple([z.string().regex(/^\d+-\d+-\d+-\d+$/), z.string().regex(/^[0-9a-f]{64}$/)])

type Remembered = z.infer<typeof remembered>

interface Shared {
  readonly done: Promise<string>
  readonly stop: AbortController
  readonly listeners: Set<NonNullable<PutContext['onProgress']>>
  waiting: number
}

export function createFileHashes({ cacheFile, log }: FileHashesOptions): FileHashes {
  const file: RecordFile<Remembered> = { path: cacheFile, schema: remembered, maxRecords: maxRemembered, maxBytes: 2 ** 23 }
  const running = new Map<string, Shared>()
  const queue = new PQueue({ concurrency: filesAtOnce })
  const closing = new AbortController()
  let saving: Promise<void> = Promise.resolve()
  let loading: Promise<Map<string, string>> | undefined
  const load = (): Promise<Map<string, string>> => {
    loading ??= readRecords(file).then(({ records }) => new Map(records))
    return loading
  }

  const remember = async (key: string, sha256: string): Promise<void> => {
    const all = await load()
    all.set(key, sha256)
    for (const oldest of all.keys()) {
      if (all.size <= maxRemembered) break
      all.delete(oldest)
    }
    saving = saving.then(() => save(file, [key, sha256])).catch((error: unknown) => log('The hashes of files could not be kept', error))
    await saving
  }

  const compute = async (path: string, before: BigIntStats, { stop, listeners }: Omit<Shared, 'done'>): Promise<string> => {
    const onProgress = (done: number, total: number): void => {
      for (const listener of listeners) listener(done, total)
    }
    const sha256 = await hashFile(path, Number(before.size), { signal: stop.signal, onProgress })
    const now = BigInt(Date.now())
    const after = await stat(path, { bigint: true })
    if (keyOf(after) !== keyOf(before)) throw new ModelyardError('conflict', 'A file changed while it was read.', { retryable: true })
    if (now - after.mtimeNs / 1_000_000n >= tickMs) await remember(keyOf(before), sha256)
    return sha256
  }

  const start = (path: string, found: BigIntStats): Shared => {
    const key = keyOf(found)
    const parts = { stop: new AbortController(), listeners: new Set<NonNullable<PutContext['onProgress']>>(), waiting: 0 }
    const shared: Shared = Object.assign(parts, { done: queue.add(() => compute(path, found, parts), { signal: parts.stop.signal }) })
    shared.done.catch(() => undefined).finally(() => running.get(key) === shared && running.delete(key))
    running.set(key, shared)
    return shared
  }

  return {
    async of(path, { signal, onProgress }) {
      const found = await look(path)
      const known = (await load()).get(keyOf(found))
      for (const end of [signal, closing.signal]) if (end.aborted) throw abortReason(end)
      if (known !== undefined) return known
      const already = running.get(keyOf(found))
      const shared = already && !already.stop.signal.aborted ? already : start(path, found)
      return wait(shared, { signal, onProgress })
    },
    async known(path) {
      const found = await look(path).catch(() => undefined)
      return found && (await load()).get(keyOf(found))
    },
    async close() {
      closing.abort(new ModelyardError('interrupted'))
      const ending = [...running.values()]
      for (const { stop } of ending) stop.abort(abortReason(closing.signal))
      await Promise.allSettled([...ending.map(({ done }) => done), queue.onIdle()])
      await saving
    },
  }
}

const keyOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => `${dev}-${ino}-${size}-${mtimeNs}`

async function look(path: string): Promise<BigIntStats> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  if (!found?.isFile()) throw new ModelyardError('not_a_model_file', 'There is no plain file that can be read.')
  return found
}

/** Whoever leaves last ends it. */
async function wait(shared: Shared, { signal, onProgress }: PutContext): Promise<string> {
  shared.waiting += 1
  if (onProgress) shared.listeners.add(onProgress)
  try {
    return await untilAborted(shared.done, signal)
  } finally {
    shared.waiting -= 1
    if (onProgress) shared.listeners.delete(onProgress)
    if (shared.waiting === 0) shared.stop.abort(new ModelyardError('cancelled'))
  }
}

/** Added to what lies there: other processes may share it. */
async function save(file: RecordFile<Remembered>, [key, sha256]: Remembered): Promise<void> {
  const folder = dirname(file.path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = await waitForLock(folder, tableLock, new AbortController().signal)
  try {
    const { records } = await readRecords(file)
    await writeRecords(file, [...records.filter(([one]) => one !== key), [key, sha256]])
  } finally {
    await lock.release()
  }
}
