/** All downloads of a folder: the same bytes are fetched once, in this process by sharing, over processes by a lock. */
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { Agent } from 'undici'
import { abortReason, ModelyardError } from '../contract/index.ts'
import { waitForLock } from '../platform/kernel-lock.ts'
import { createBandwidth } from './bandwidth.ts'
import {
  type DownloadContext,
  type DownloadFile,
  type DownloadProgress,
  type Downloads,
  type DownloadsOptions,
  usualLimits,
} from './downloads.ts'
import { bytesOf, decodeJournal } from './journal.ts'
import { journalPath, openPartial, partPath } from './partial.ts'
import { runDownload } from './run-download.ts'

interface Shared {
  readonly done: Promise<{ readonly path: string }>
  readonly stop: AbortController
  readonly listeners: Set<(progress: DownloadProgress) => void>
}

const partName = /^([0-9a-f]{64})\.part$/

export function createDownloads(options: DownloadsOptions): Downloads {
  const { folder } = options
  const limits = { ...usualLimits, ...options.limits }
  const all = new Map<string, Shared>()
  const together = createBandwidth(null)
  const dispatcher = new Agent({ pipelining: 1, connect: { timeout: limits.connectMs, autoSelectFamily: true } })

  const start = (file: DownloadFile, bytesPerSecond: number | undefined): Shared => {
    const stop = new AbortController()
    const listeners = new Set<(progress: DownloadProgress) => void>()
    const onProgress = (progress: DownloadProgress): void => {
      for (const listener of listeners) listener(progress)
    }
    const perform = async (): Promise<{ path: string }> => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const lock = await waitForLock(folder, `part-${file.sha256}`, stop.signal)
      try {
        const path = partPath(folder, file.sha256)
        if (await file.isHere?.()) return { path }
        const partial = await openPartial(folder, file)
        try {
          const bandwidths = [together, createBandwidth(bytesPerSecond ?? null)]
          await runDownload({
            file,
            partial,
            dispatcher,
            limits,
            connections: options.connections,
            bandwidths,
            signal: stop.signal,
            onProgress,
          })
        } finally {
          await partial.close()
        }
        if (file.publish) {
          await file.publish(path)
          await removePartial(folder, file.sha256)
        }
        return { path }
      } finally {
        await lock.release()
      }
    }
    const done = perform().finally(() => all.get(file.sha256)?.stop === stop && all.delete(file.sha256))
    done.catch((error: unknown) => {
      if (!stop.signal.aborted) options.log(`The download of ${file.sha256} ended`, error)
    })
    const shared = { done, stop, listeners }
    all.set(file.sha256, shared)
    return shared
  }

  return {
    async fetch(file, context) {
      if (context.signal.aborted) throw abortReason(context.signal)
      const running = all.get(file.sha256)
      // One that everybody has left is ending: what comes now begins after it.
      if (running?.stop.signal.aborted) await running.done.catch(() => undefined)
      return join(all.get(file.sha256) ?? start(file, context.bytesPerSecond), context)
    },
    async have(sha256) {
      const journal = await readJournal(folder, sha256)
      return journal ? bytesOf(journal.blocks.keys(), journal.header.bytes) : 0
    },
    forget: (sha256) => removePartial(folder, sha256),
    async partials() {
      const names = await readdir(folder).catch(() => [])
      const found = names.flatMap((name) => partName.exec(name)?.[1] ?? [])
      return Promise.all(
        found.map(async (sha256) => {
          const path = partPath(folder, sha256)
          const { blocks, mtimeMs } = await stat(path)
          return { sha256, path, bytes: blocks * 512, modifiedAt: mtimeMs }
        }),
      )
    },
    setLimit: (bytesPerSecond) => together.set(bytesPerSecond),
    async close() {
      const ending = [...all.values()]
      for (const { stop } of ending) stop.abort(new ModelyardError('interrupted'))
      await Promise.allSettled(ending.map(({ done }) => done))
      await dispatcher.destroy()
    },
  }
}

async function removePartial(folder: string, sha256: string): Promise<void> {
  await rm(journalPath(folder, sha256), { force: true })
  await rm(partPath(folder, sha256), { force: true })
}

/** Whoever leaves last ends it. */
async function join(shared: Shared, { signal, onProgress }: DownloadContext): Promise<{ readonly path: string }> {
  shared.listeners.add(onProgress)
  let onAbort: (() => void) | undefined
  const left = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortReason(signal))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([shared.done, left]).catch((error: unknown) => {
      throw shared.stop.signal.aborted && !signal.aborted ? abortReason(shared.stop.signal) : ModelyardError.from(error)
    })
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort)
    shared.listeners.delete(onProgress)
    if (signal.aborted && shared.listeners.size === 0) {
      shared.stop.abort(abortReason(signal))
      await shared.done.catch(() => undefined)
    }
  }
}

async function readJournal(folder: string, sha256: string): Promise<ReturnType<typeof decodeJournal>> {
  const file = await open(journalPath(folder, sha256)).catch(() => undefined)
  if (!file) return undefined
  try {
    return decodeJournal(await file.readFile())
  } finally {
    await file.close()
  }
}
