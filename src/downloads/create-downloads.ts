/** All downloads of a folder: the same bytes are fetched once, in this process by sharing, over processes by a lock. */
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { type KernelLock, tryLock, waitForLock } from '../platform/kernel-lock.ts'
import { type DownloadFile, type Downloads, type DownloadsOptions, usualLimits } from './downloads.ts'
import type { Link } from './links.ts'
import { createNetThread, type NetThread } from './net-thread.ts'
import { journalPath, partPath } from './partial.ts'
import { bytesByJournal, followJournal } from './read-journal.ts'
import { createShared, type Shared } from './shared.ts'

const partName = /^([0-9a-f]{64})\.part$/
/** Short, since a path of a socket may not be long. Two files under one name would only wait for each other. */
const lockOf = (sha256: string): string => `part-${sha256.slice(0, 12)}`

export function createDownloads(options: DownloadsOptions): Downloads {
  const { folder } = options
  const all = new Map<string, Shared>()
  /** Of those that are whole, until they are moved away. */
  const held = new Map<string, KernelLock>()
  const net = createNetThread()

  const start = (file: DownloadFile): Shared => {
    const shared = createShared((own) => perform({ ...options, net, held }, file, own))
    all.set(file.sha256, shared)
    const over = (): boolean => all.get(file.sha256) === shared && all.delete(file.sha256)
    shared.done.then(over, (error: unknown) => {
      over()
      if (!shared.ended) options.log(`The download of ${file.sha256} ended`, error)
    })
    return shared
  }

  return {
    async fetch(file, context) {
      if (context.signal.aborted) throw abortReason(context.signal)
      const running = all.get(file.sha256)
      // One that everybody has left is ending: what comes now begins after it.
      if (running?.ended) await running.done.catch(() => undefined)
      if (context.signal.aborted) throw abortReason(context.signal)
      return (all.get(file.sha256) ?? start(file)).join(context)
    },
    have: (sha256) => bytesByJournal(folder, sha256),
    async forget(sha256) {
      const lock = all.has(sha256) ? undefined : (held.get(sha256) ?? (await tryLock(folder, lockOf(sha256)).catch(absent)))
      if (lock === 'absent') return
      if (!lock) throw new ModelyardError('conflict', 'This file is being downloaded.')
      try {
        await rm(journalPath(folder, sha256), { force: true })
        await rm(partPath(folder, sha256), { force: true })
      } finally {
        held.delete(sha256)
        await lock.release()
      }
    },
    partials: () => partialsIn(folder),
    setLimit: net.setLimit,
    async close() {
      const ending = [...all.values()]
      for (const shared of ending) shared.end(new ModelyardError('interrupted'))
      await Promise.allSettled(ending.map(({ done }) => done))
      await net.close()
      for (const lock of held.values()) await lock.release()
      held.clear()
    },
  }
}

function absent(error: NodeJS.ErrnoException): 'absent' {
  if (error.code === 'ENOENT') return 'absent'
  throw error
}

interface Means extends DownloadsOptions {
  readonly net: NetThread
  readonly held: Map<string, KernelLock>
}

/** One download from its turn to the proof; the lock stays with what is whole. */
async function perform(means: Means, file: DownloadFile, shared: Shared): Promise<{ readonly path: string }> {
  const { folder, held } = means
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = held.get(file.sha256) ?? (await turn(means, file, shared))
  held.delete(file.sha256)
  try {
    const path = partPath(folder, file.sha256)
    const elsewhere = (await exists(path)) ? undefined : await file.elsewhere?.(shared.signal)
    if (elsewhere === undefined) await run(means, file, shared)
    if (elsewhere === undefined) held.set(file.sha256, lock)
    return { path: elsewhere ?? path }
  } finally {
    if (!held.has(file.sha256)) await lock.release()
  }
}

/** Meanwhile tells how far the other process has come. */
async function turn({ folder, limits }: Means, { sha256, bytes }: DownloadFile, shared: Shared): Promise<KernelLock> {
  const free = await tryLock(folder, lockOf(sha256))
  if (free) return free
  const stop = followJournal(folder, sha256, limits?.sampleMs ?? usualLimits.sampleMs, (bytesDone) =>
    shared.onProgress({ bytesDone, bytesTotal: bytes, note: 'another process downloads it' }),
  )
  try {
    return await waitForLock(folder, lockOf(sha256), shared.signal)
  } finally {
    stop()
  }
}

async function run({ net, folder, connections, ca, proxyFor, ...options }: Means, file: DownloadFile, shared: Shared): Promise<void> {
  const { sha256, bytes, gguf } = file
  const limits = { ...usualLimits, ...options.limits }
  const resolve = async (signal: AbortSignal): Promise<Link> => {
    const { renewAt, ...link } = await file.resolve(signal)
    const allowPrivate = (await options.allowPrivate?.()) ?? true
    return {
      ...link,
      allowPrivate,
      renewInMs: renewAt === undefined ? undefined : renewAt - performance.now(),
      proxy: proxyFor?.(link.url),
    }
  }
  const { signal, onProgress, onVerified } = shared
  const order = { folder, sha256, bytes, gguf, connections, bytesPerSecond: shared.limit, ca, limits }
  const running = net.run(order, { signal, resolve, onProgress, onVerified })
  shared.onLimit(running.setLimit)
  await running.done
}

async function partialsIn(folder: string): ReturnType<Downloads['partials']> {
  const names = await readdir(folder).catch(() => [])
  const found = names.flatMap((name) => partName.exec(name)?.[1] ?? [])
  const looked = found.map(async (sha256) => {
    const path = partPath(folder, sha256)
    const seen = await stat(path).catch(() => undefined)
    return seen ? [{ sha256, path, bytes: seen.blocks * 512, modifiedAt: seen.mtimeMs }] : []
  })
  return (await Promise.all(looked)).flat()
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
