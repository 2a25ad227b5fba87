/** What getting a model works with; the yard brings it together. */

import type { RemoteFiles } from '../catalog/remote-file.ts'
import type { EventInput, HubRepository, LoadOptions } from '../contract/index.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { FileHashes, LibraryStore } from '../library/library-store.ts'
import type { WantedBytes } from '../library/wanted-bytes.ts'
import type { Directory, MemoryReader } from '../switching/directory.ts'
import type { Switcher } from '../switching/switcher.ts'
import type { GgufSummary } from '../util/gguf/summary.ts'

export interface HubPort extends RemoteFiles {
  /** With fit and recommendation. */
  repository(repo: string, options: { readonly revision?: string | undefined; readonly signal: AbortSignal }): Promise<HubRepository>
}

export interface Ports {
  readonly home: string
  readonly directory: Directory
  readonly switcher: Switcher
  readonly memory: MemoryReader
  /** Free on all GPUs; undefined where there is none, or none that tells. */
  readonly gpuMemory: () => Promise<number | undefined>
  readonly hub: HubPort
  readonly library: LibraryStore
  readonly hashes: FileHashes
  /** What this home counts on in a library that others may share. */
  readonly wantedBytes: WantedBytes
  readonly downloads: Downloads
  /** A file of these bytes in the cache that other tools of the Hub share. */
  readonly findInHubCache: (sha256: string, signal: AbortSignal) => Promise<string | undefined>
  readonly loadOptions: (provider: string, name: string) => LoadOptions
  readonly pinned: (provider: string, name: string) => boolean
  /** Of a GGUF file here; undefined for what is none. */
  readonly readHeader: (path: string) => Promise<GgufSummary | undefined>
  /** A provider has other models now: look again soon. */
  readonly changed: (provider: string) => void
  readonly emit: (event: EventInput) => void
  readonly log: (message: string, error?: unknown) => void
  readonly now: () => number
  readonly newId: () => string
}
