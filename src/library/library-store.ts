/**
 * The folder of GGUF files that Modelyard owns: `<publisher>/<repo>/<file>`, readable by a person, laid out as LM Studio
 * wants it. An index beside it (`.modelyard/index.json`, a cache: what it says is looked at again, and it is made anew
 * from the files when it is lost) maps SHA-256 to path. Several homes may share one library: locks are per file and
 * released by the kernel.
 *
 * Errors: `conflict` (another file lies under that name, a folder is a link, the library cannot be written),
 * `disk_full`, `unsafe_name`, `internal`.
 */
export interface LibraryStore {
  /** Its real path. */
  readonly folder: string
  /** Where partials and their journals go: hidden, on the same volume. */
  readonly partialsFolder: string
  /**
   * Where these bytes lie, looked at again (size, mtime, inode) before it is told. Told their size it also hashes the
   * files of that size that the index does not know: those a person put there, all of them when the index was lost.
   */
  find(sha256: string, unknown?: { readonly bytes: number; readonly signal: AbortSignal }): Promise<LibraryEntry | undefined>
  /** What the index says of the file with this real path, looked at again. */
  at(path: string): Promise<LibraryEntry | undefined>
  /** Every file the index knows, looked at again. */
  list(): Promise<readonly LibraryEntry[]>
  /**
   * Publishes a whole file whose hash was checked: synced, the index told, then the file at `<publisher>/<repo>/<file>`,
   * read-only, the folder synced. The same bytes under that name already: done. Bytes that lie elsewhere in the library:
   * a link. Names that differ in case only are one name. Idempotent over a crash; a failure or an abort leaves nothing.
   */
  put(file: NewFile, how: PutWay, context: PutContext): Promise<LibraryEntry>
  /** Drops what the index says of a path that was removed. */
  forget(path: string): Promise<void>
  close(): Promise<void>
}

/** `move`: the source goes. `link`: a reflink, else a hard link, else a copy; the source stays as it is. */
export type PutWay = 'move' | 'link'

export interface PutContext {
  readonly signal: AbortSignal
  /** Bytes that were copied, where copying was needed. */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

export interface NewFile {
  readonly from: string
  /** `publisher/name`. */
  readonly repo: string
  /** Its name in the repository; folders in it are kept. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  readonly commit?: string | undefined
  /** Whose it is, where it lies there already and the index does not say so; else somebody else's. */
  readonly putBy?: LibraryEntry['putBy'] | undefined
}

export interface LibraryEntry {
  /** Absolute. */
  readonly path: string
  /** `publisher/repo/file`, with `/`. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  readonly repo?: string | undefined
  /** Its name in the repository. */
  readonly file?: string | undefined
  readonly commit?: string | undefined
  /** What a person put there stays that person's, also when its bytes are asked for later. */
  readonly putBy: 'us' | 'other'
}

/** SHA-256 of files, computed by a worker and remembered by what tells one state of a file from another. */
export interface FileHashes {
  of(path: string, context: PutContext): Promise<string>
  /** Only what is remembered and still so. */
  known(path: string): Promise<string | undefined>
  close(): Promise<void>
}
