/**
 * Downloads that survive: bytes into a partial of the library's volume, checked while they come, kept by a journal.
 * What comes out is a whole file whose SHA-256 was computed over every byte; nothing lies under a `.gguf` name before.
 *
 * Errors end a download: `hash_mismatch` (twice, with both digests), `gated`, `repo_not_found`, `hub_protocol`,
 * `disk_full` (a file too big for its file system), `internal`. What passes by itself does not: it waits, says for what,
 * and goes on. A sign-in that is lost after bytes came is waited for, too.
 */
import type { WaitReason } from '../contract/index.ts'

export interface DownloadFile {
  /** The key: two jobs that want the same bytes are one download, over processes too. */
  readonly sha256: string
  readonly bytes: number
  /** Asked before the first byte, at renewal and after a 403; single-flight. Throws what `Hub.resolve` throws. */
  readonly resolve: (signal: AbortSignal) => Promise<DownloadLink>
  /** The first bytes are to be `GGUF`. */
  readonly gguf: boolean
  /**
   * Asked once it is our turn and none of it lies here: another process may have fetched and moved it while we waited.
   * Its path is the answer then.
   */
  readonly elsewhere?: ((signal: AbortSignal) => Promise<string | undefined>) | undefined
}

export interface DownloadLink {
  /** Used byte for byte: the signature is over it. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** By `performance.now()` of the caller's thread. */
  readonly renewAt?: number | undefined
  readonly etag?: string | undefined
}

export interface DownloadProgress {
  /** By the journal: what a kill would leave. Goes back only when a block is fetched again, and `note` says so. */
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
  /** The hash is proven; what is left is that the bytes outlive a loss of power. */
  readonly onVerified?: (() => void) | undefined
  /** Of this job; the limit of all together is `Downloads.setLimit`. Of several that share a download the widest holds. */
  readonly bytesPerSecond?: number | undefined
}

export interface Downloads {
  /**
   * Answers the path of the whole, verified partial: whoever asked renames or links it, then calls `forget`. Until then,
   * or until `close`, no other process touches it.
   */
  fetch(file: DownloadFile, context: DownloadContext): Promise<{ readonly path: string }>
  /** Bytes of it that lie here already, by its journal. */
  have(sha256: string): Promise<number>
  /** Removes the partial and its journal. Idempotent. `conflict` while it is being downloaded, by whomever. */
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
  /** The HTTP proxy (`http://[user:password@]host:port`) for an address, as the environment has it. */
  readonly proxyFor?: ((url: string) => string | undefined) | undefined
  /** Asked with each address: may its host lead into a private network? Default: it may. What a proxy connects to is the proxy's. */
  readonly allowPrivate?: (() => Promise<boolean>) | undefined
  /** Trusted beside what the system trusts. PEM. */
  readonly ca?: string | undefined
  readonly limits?: Partial<DownloadLimits> | undefined
}

/** Times are in milliseconds. */
export interface DownloadLimits {
  readonly connectMs: number
  readonly headersMs: number
  /** Without a byte for so long a lane is ended, and goes on where it was. */
  readonly stallMs: number
  /** So late the machine slept, and every connection is a new one. */
  readonly suspendMs: number
  /** The first and the longest pause between tries. */
  readonly pauseMs: readonly [number, number]
  /** Between two looks whether the disk has room again. */
  readonly diskMs: number
  /** Between two questions whether the file may be read again. */
  readonly signInMs: number
  /** Of goodput, before another connection is tried. */
  readonly sampleMs: number
  /** Samples in which a lane may bring next to nothing. */
  readonly slowSamples: number
  readonly reportMs: number
  /** What is asked for at once: the first time, at least and at most. */
  readonly spanBytes: readonly [number, number, number]
  /** What is missing is asked for at once when it is less. */
  readonly wholeBytes: number
  readonly markBytes: number
  readonly markMs: number
}

const mebibyte = 2 ** 20

export const usualLimits: DownloadLimits = {
  connectMs: 10_000,
  headersMs: 20_000,
  stallMs: 15_000,
  suspendMs: 30_000,
  pauseMs: [500, 30_000],
  diskMs: 10_000,
  signInMs: 30_000,
  sampleMs: 1000,
  slowSamples: 10,
  reportMs: 200,
  spanBytes: [32 * mebibyte, 8 * mebibyte, 64 * mebibyte],
  wholeBytes: 16 * mebibyte,
  // A sync holds whoever writes meanwhile: more often costs a sixth of the speed of a fast link.
  markBytes: 4096 * mebibyte,
  markMs: 5000,
}
