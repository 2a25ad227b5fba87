/** One download that several want: all are told, the widest limit holds, and whoever leaves last ends it. */
import { abortReason, ModelyardError } from '../contract/index.ts'
import type { DownloadContext, DownloadProgress } from './downloads.ts'

type Answer = { readonly path: string }

export interface Shared {
  readonly done: Promise<Answer>
  readonly signal: AbortSignal
  readonly ended: boolean
  end(why: ModelyardError): void
  join(context: DownloadContext): Promise<Answer>
  /** Bytes in a second; null: none. */
  readonly limit: number | null
  onLimit(listener: (bytesPerSecond: number | null) => void): void
  onProgress(progress: DownloadProgress): void
  onVerified(): void
}

export function createShared(perform: (shared: Shared) => Promise<Answer>): Shared {
  const stop = new AbortController()
  const here = new Set<DownloadContext>()
  let latest: DownloadProgress | undefined
  let verified = false
  let setLimit: ((bytesPerSecond: number | null) => void) | undefined
  let told: number | null | undefined

  const widest = (): number | null => {
    const limits = [...here].map(({ bytesPerSecond }) => bytesPerSecond ?? Number.POSITIVE_INFINITY)
    const most = Math.max(...limits)
    return Number.isFinite(most) ? most : null
  }
  const changed = (): void => {
    if (here.size === 0 || widest() === told) return
    told = widest()
    setLimit?.(told)
  }
  const leave = async (context: DownloadContext): Promise<void> => {
    here.delete(context)
    changed()
    if (!context.signal.aborted || here.size > 0) return
    stop.abort(abortReason(context.signal))
    await done.catch(() => undefined)
  }
  const shared: Shared = {
    get done() {
      return done
    },
    signal: stop.signal,
    get ended() {
      return stop.signal.aborted
    },
    end: (why) => stop.abort(why),
    async join(context) {
      here.add(context)
      changed()
      if (latest) context.onProgress(latest)
      if (verified) context.onVerified?.()
      try {
        return await untilLeft(done, stop.signal, context.signal)
      } finally {
        await leave(context)
      }
    },
    get limit() {
      return widest()
    },
    onLimit(listener) {
      setLimit = listener
    },
    onProgress(progress) {
      latest = progress
      for (const context of here) context.onProgress(progress)
    },
    onVerified() {
      verified = true
      for (const context of here) context.onVerified?.()
    },
  }
  // After whoever started it has joined.
  const done = Promise.resolve().then(() => perform(shared))
  return shared
}

/** What ended it for all is told to all; whoever leaves hears their own reason. */
async function untilLeft(done: Promise<Answer>, all: AbortSignal, own: AbortSignal): Promise<Answer> {
  let onAbort: (() => void) | undefined
  const left = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortReason(own))
    own.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([done, left])
  } catch (error) {
    throw all.aborted && !own.aborted ? abortReason(all) : ModelyardError.from(error)
  } finally {
    if (onAbort) own.removeEventListener('abort', onAbort)
  }
}
