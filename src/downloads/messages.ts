/** What the threads say to each other. Plain data. */
import type { ErrorBody } from '../contract/error.ts'
import type { DownloadLimits, DownloadProgress } from './downloads.ts'
import type { Link } from './links.ts'

export interface DownloadOrder {
  readonly folder: string
  readonly sha256: string
  readonly bytes: number
  readonly gguf: boolean
  readonly connections: number
  readonly bytesPerSecond: number | null
  readonly ca: string | undefined
  readonly limits: DownloadLimits
}

export type ToNet =
  | { readonly kind: 'start'; readonly id: number; readonly order: DownloadOrder }
  | { readonly kind: 'stop'; readonly id: number }
  /** Without an id: of all together. */
  | { readonly kind: 'limit'; readonly id?: number | undefined; readonly bytesPerSecond: number | null }
  | { readonly kind: 'link'; readonly id: number; readonly link: Link }
  | { readonly kind: 'no-link'; readonly id: number; readonly error: ErrorBody }

export type FromNet =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: DownloadProgress }
  /** Answered by `link` or `no-link`. */
  | { readonly kind: 'resolve'; readonly id: number }
  | { readonly kind: 'verified'; readonly id: number }
  | { readonly kind: 'ended'; readonly id: number; readonly error?: ErrorBody | undefined }
