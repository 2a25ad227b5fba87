/** Everything that getting models needs, brought together: the library, its downloads, what is known of files, the jobs. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Hub } from '../catalog/hub.ts'
import type { EventInput, Hardware, SettingsPatch } from '../contract/index.ts'
import { createDownloads } from '../downloads/create-downloads.ts'
import type { Downloads } from '../downloads/downloads.ts'
import { createJobs } from '../ingestion/create-jobs.ts'
import type { Ingestion } from '../ingestion/jobs.ts'
import type { Patience } from '../ingestion/patience.ts'
import { createLibrary } from '../library/create-library.ts'
import { createFileHashes } from '../library/hashes.ts'
import { findInHubCache } from '../library/hub-cache.ts'
import type { FileHashes, LibraryStore } from '../library/library-store.ts'
import { createWantedBytes, type WantedBytes } from '../library/wanted-bytes.ts'
import { readGgufFile } from '../platform/gguf-file.ts'
import { isInPrivateNetwork } from '../platform/private-network.ts'
import { proxyFor } from '../platform/proxies.ts'
import { homeId } from '../store/home-id.ts'
import type { ResolvedSettings } from '../store/resolved.ts'
import type { Store } from '../store/store.ts'
import type { Directory, MemoryReader } from '../switching/directory.ts'
import type { Switcher } from '../switching/switcher.ts'
import type { Yard } from './yard.ts'

export interface GettingOptions {
  readonly settings: ResolvedSettings
  readonly store: Store
  readonly directory: Directory
  readonly switcher: Switcher
  readonly memory: MemoryReader
  readonly hardware: () => Promise<Hardware>
  readonly readOnly: boolean
  readonly hub: Hub
  /** With what fits this machine. */
  readonly hubView: Yard['hub']
  readonly changed: (provider: string) => void
  readonly emit: (event: EventInput) => void
  readonly log: (message: string, error?: unknown) => void
  readonly now: () => number
  readonly patience?: Patience | undefined
}

export interface Getting {
  readonly library: LibraryStore
  readonly hashes: FileHashes
  readonly downloads: Downloads
  readonly wantedBytes: WantedBytes
  readonly ingestion: Ingestion
  /** What may change while it runs. */
  limit(patch: SettingsPatch['hub']): void
  close(): Promise<void>
}

export async function createGetting(options: GettingOptions): Promise<Getting> {
  const { settings, store, hub, hubView, log } = options
  const hashes = createFileHashes({ cacheFile: join(settings.library, '.modelyard', 'hashes.json'), log })
  const library = await createLibrary({ folder: settings.library, log, hashes })
  const downloads = createDownloads({
    folder: library.partialsFolder,
    connections: settings.hub.connections,
    proxyFor: (url) => proxyFor(new URL(url), settings.hub.proxies),
    allowPrivate: () => isInPrivateNetwork(new URL(hub.endpoint), { proxies: settings.hub.proxies }),
    log,
  })
  const wantedBytes = createWantedBytes({
    folder: join(library.folder, '.modelyard'),
    home: await homeId(settings.home, options),
    log,
    now: options.now,
  })
  const { bytesPerSecond, downloadsAtOnce } = store.hubLimits()
  downloads.setLimit(bytesPerSecond)
  const ingestion = await createJobs({
    downloadsAtOnce,
    patience: options.patience,
    readOnly: options.readOnly,
    ports: {
      home: settings.home,
      directory: options.directory,
      switcher: options.switcher,
      memory: options.memory,
      gpuMemory: async () => freeOnGpus(await options.hardware()),
      hub: {
        repository: (repo, wanted) => hubView.repository(repo, wanted),
        header: hub.header,
        resolve: hub.resolve,
      },
      library,
      hashes,
      wantedBytes,
      downloads,
      findInHubCache: (sha256, signal) => findInHubCache(sha256, settings.hub.cacheVariables, signal),
      loadOptions: store.loadOptions,
      pinned: store.pinned,
      readHeader: readGgufFile,
      changed: options.changed,
      emit: options.emit,
      log,
      now: options.now,
      newId: () => randomBytes(6).toString('hex'),
    },
  })
  return {
    library,
    hashes,
    downloads,
    wantedBytes,
    ingestion,
    limit(patch) {
      if (patch.bytesPerSecond !== undefined) downloads.setLimit(patch.bytesPerSecond)
      if (patch.downloadsAtOnce !== undefined) ingestion.setDownloadsAtOnce(patch.downloadsAtOnce)
    },
    async close() {
      await ingestion.close()
      await Promise.allSettled([downloads.close(), hashes.close(), library.close()])
    },
  }
}

/** Of those that tell. */
function freeOnGpus({ gpus }: Hardware): number | undefined {
  const told = gpus.flatMap(({ free }) => free ?? [])
  return told.length === 0 ? undefined : told.reduce((sum, free) => sum + free, 0)
}
