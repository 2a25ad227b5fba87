/**
 * Downloads that survive: bytes into a partial of the library's volume, checked while they come, kept by a journal.
 * What comes out is a whole file whose SHA-256 was computed over every byte; nothing lies under a `.gguf` name before.
 *
 * Errors end a download: `hash_mismatch` (twice, with both digests), `gated`, `repo_not_found`, `hub_protocol`,
 * `disk_full`, `internal`. What passes by itself does not: it waits, says for what, and goes on.
 */
import type { WaitReason } from '../contract/index.ts'

export interface DownloadFile {
  /** The key: two jobs that want the same bytes are one download, over processes too. */
  readonly sha256: string
  readonly bytes: number
  /** Asked before the first byte, at renewal and after a 403; single-flight. Throws what `Hub.resolve` throws. */
  readonly resolve: (signal: AbortSignal) => Promise<{
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly renewAt?: number | undefined
    readonly etag?: string | undefined
  }>
  /** The first bytes are to be `GGUF`. */
  readonly gguf: boolean
  /** Asked under the lock of these bytes: another process may have published them while it was waited for. */
  readonly isHere?: (() => Promise<boolean>) | undefined
  /** Called under the lock with the whole, verified file, which it takes away; then partial and journal are forgotten. */
  readonly publish?: ((path: string) => Promise<void>) | undefined
}

export interface DownloadProgress {
  /** Checked against the journal: what a kill would leave. Goes back only when a block is fetched again, and `note` says so. */
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly bytesPerSecond?: number | undefined
  readonly secondsLeft?: number | undefined
  readonly waitingFor?: Exclude<WaitReason, 'turn'> | undefined
  readonly note?: string | undefined
}

export interface DownloadContext {
  /** Aborting stops it and keeps the partial. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: DownloadProgress) => void
  /** Of this job; the limit of all together is `Downloads.setLimit`. */
  readonly bytesPerSecond?: number | undefined
}

export interface Downloads {
  /** Answers the path of the whole, verified partial: whoever asked renames or links it, then calls `forget`, unless `publish` did. */
  fetch(file: DownloadFile, context: DownloadContext): Promise<{ readonly path: string }>
  /** Bytes of it that lie here already, by its journal. */
  have(sha256: string): Promise<number>
  /** Removes the partial and its journal. Idempotent. */
  forget(sha256: string): Promise<void>
  /** Every partial that lies here: for the doctor. */
  partials(): Promise<readonly { readonly sha256: string; readonly path: string; readonly bytes: number; readonly modifiedAt: number }[]>
  /** Of all downloads together, shared fairly; null: none. */
  setLimit(bytesPerSecond: number | null): void
  close(): Promise<void>
}

export interface DownloadsOptions {
  /** On the library's volume; made when needed. */
  readonly folder: string
  /** At most so many connections for one file. */
  readonly connections: number
  readonly log: (message: string, error?: unknown) => void
  readonly limits?: Partial<DownloadLimits> | undefined
}

/** Times, so that a test need not wait. Milliseconds. */
export interface DownloadLimits {
  readonly connectMs: number
  readonly headersMs: number
  /** Without a byte for so long a lane is ended, and goes on where it was. */
  readonly stallMs: number
  /** The first and the longest pause between tries. */
  readonly pauseMs: readonly [number, number]
  /** Between two looks whether the disk has room again. */
  readonly diskMs: number
  /** Of goodput, before another connection is tried. */
  readonly sampleMs: number
}

export const usualLimits: DownloadLimits = {
  connectMs: 10_000,
  headersMs: 20_000,
  stallMs: 15_000,
  pauseMs: [500, 30_000],
  diskMs: 10_000,
  sampleMs: 1000,
}
