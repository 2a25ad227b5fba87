/** A file of the Hub as of one commit, and where its bytes are. */
import type { GgufSummary } from '../util/gguf/summary.ts'

export interface RemoteFile {
  readonly repo: string
  /** 40 hex digits. */
  readonly commit: string
  readonly path: string
}

export interface ResolvedFile {
  /** Byte for byte as the Hub gave it: it is signed, and a credential (never logged). */
  readonly url: string
  /** Sent along; the token only where `url` is of the Hub's own origin. */
  readonly headers: Readonly<Record<string, string>>
  /** On the monotonic clock (`performance.now()`), when it must be renewed; absent: never. */
  readonly renewAt?: number | undefined
  readonly bytes?: number | undefined
  /** What `ETag` the bytes are to have, where the Hub says so (its `X-Xet-Hash`). */
  readonly etag?: string | undefined
  /** Only where the Hub gave a linked ETag of 64 hex digits. */
  readonly sha256?: string | undefined
}

export interface RemoteFiles {
  /**
   * The header of a GGUF by range requests: no more than it needs, at most 32 MiB. `brief`: only what stands before the
   * vocabulary, which is a piece of it (no template, often no quantization). Throws `not_a_model_file`, and what
   * `resolve` throws.
   */
  header(file: RemoteFile, signal: AbortSignal, options?: { readonly brief?: boolean | undefined }): Promise<GgufSummary>
  /**
   * Where the bytes are: one bare request to the Hub, without `Range`, redirects by hand and within its own origin; the
   * first address elsewhere is the answer, where it is one that may be followed. Throws `gated`,
   * `repo_not_found`, `rate_limited`, `hub_unreachable`, `hub_protocol`, `hub_redirect`.
   */
  resolve(file: RemoteFile, signal: AbortSignal): Promise<ResolvedFile>
}
