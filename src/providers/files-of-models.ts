/** What the contract of a backend says of files: a model given to an engine, what it holds, its own downloads, and what goes. */
import type { FileIdentity } from '../platform/own-file.ts'

/** A file as a model is made of it, known or still to come. */
export interface ImportFile {
  /** Its own name, without folders; safe on every operating system. */
  readonly name: string
  readonly bytes: number
  readonly sha256?: string | undefined
  /** Absolute, where it lies already. */
  readonly path?: string | undefined
}

/** A file on this machine whose hash is known to be right. */
export interface LocalFile extends ImportFile {
  readonly sha256: string
  readonly path: string
}

/** A model as an engine is to get it. Its files belong together: all of them or none. */
export interface ImportModel<File extends ImportFile = LocalFile> {
  /** `publisher/name` on the Hub, or what stands for it: where its name and its folder come from. */
  readonly repo: string
  readonly quantization?: string | undefined
  /** Shards in their order; the engine loads the first. */
  readonly weights: readonly File[]
  /** What lets it see. */
  readonly projector?: File | undefined
  /** As its header says, for what an engine wants to be told. */
  readonly architecture?: string | undefined
  readonly parameters?: number | undefined
}

/** What an engine will do with a model, decided before anything is written. */
export interface ImportDecision {
  readonly strategy: 'library' | 'reflink' | 'hard-link' | 'copy' | 'lms' | 'registry-link' | 'registry-copy' | 'present'
  /** Why this one, in a sentence. */
  readonly reason: string
  /** What it will be called there: what `list` will say, where that is known beforehand. */
  readonly name?: string | undefined
  /** Bytes that it costs beyond the files of the library. */
  readonly extraBytes: number
  /** A folder of the volume that these bytes are written to. */
  readonly volume?: string | undefined
}

export interface ImportContext {
  readonly signal: AbortSignal
  /** Bytes that were copied, where copying is needed. */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
  /**
   * Called before each thing that is added to the engine, so that a crash can be undone: what it is told is kept before
   * this resolves. Called again, with the same kind and `what`, when it is known which file it is: that replaces the first.
   */
  readonly onAdding?: ((added: ImportAddition) => Promise<void>) | undefined
  /** What was announced turned out to be somebody else's: it is struck from what is kept before this resolves. */
  readonly onNotAdded?: ((announced: ImportAddition) => Promise<void>) | undefined
  /** Something goes otherwise than planned: what and why, in a sentence. */
  readonly onNote?: ((note: string) => void) | undefined
  /** What an earlier try of the same import announced before it was killed: only that is taken for its own where it lies there. */
  readonly recorded?: readonly ImportAddition[] | undefined
}

/** One thing that an import added to an engine: a file by its path, a model by its name. Plain JSON: it outlives a crash. */
export interface ImportAddition {
  readonly kind: 'file' | 'model'
  readonly what: string
  /** Which file it is; absent while that is not known: then a file of that path is somebody else's. */
  readonly file?: FileIdentity | undefined
  /** Where another program copies it from: a beginning of that under its path is the half of this copy. */
  readonly from?: string | undefined
}

export interface Imported {
  /** As `list` names it. */
  readonly name: string
  /** What this import made, an earlier try that was recorded included; empty when it was there already, by whomever. */
  readonly added: readonly ImportAddition[]
  /** All that the model is made of there, by the `what` of additions, whoever added it: while it is wanted nothing of that may go. */
  readonly holds: readonly string[]
}

/**
 * Giving an engine a model that lies on this machine. `plan` writes nothing. `perform` does what the decision says and
 * answers when the engine lists the model; it is idempotent: after a crash it is called again and goes on. A failure or
 * an abort takes back what it added. The source files are never changed. An existing model is never overwritten.
 *
 * Errors: `import_failed` with the engine's own words or when it says success and does not list it, `disk_full`,
 * `conflict` (another file lies under that name), `unsupported_operation` (shards where it takes none, with the way out
 * as hint), `timeout`.
 */
export interface Importing {
  plan(model: ImportModel<ImportFile>, signal: AbortSignal): Promise<ImportDecision>
  perform(model: ImportModel, decision: ImportDecision, context: ImportContext): Promise<Imported>
  /** Takes back what was added, and nothing else; done when the engine no longer lists it. Idempotent. */
  undo(added: readonly ImportAddition[], signal: AbortSignal): Promise<void>
}

/** A file that an engine holds: what a share takes, and what tells that bytes are already here. Never crosses a door as it is. */
export interface HeldFile {
  /** Of the model, as `list` knows it. */
  readonly name: string
  /** Its real path. */
  readonly path: string
  readonly bytes: number
  /** Where the engine itself keeps it. */
  readonly sha256?: string | undefined
  readonly role: 'weights' | 'projector'
}

/** Progress of an engine's own pull: one total over all layers, which never goes backwards. */
export interface PullProgress {
  readonly status: string
  readonly bytesDone: number
  readonly bytesTotal?: number | undefined
  /** On the last one, where what was asked for is listed under a name that `sameModel` does not know: the name as `list` has it. */
  readonly name?: string | undefined
}

/** What removing a model takes away. */
export interface RemovalPlan {
  readonly removed: readonly { readonly path?: string | undefined; readonly name?: string | undefined; readonly bytes: number }[]
  readonly kept: readonly { readonly path: string; readonly why: string }[]
  /** Bytes really freed: links elsewhere keep theirs. */
  readonly freedBytes: number
  /** Files that somebody else put there, outside any API of the engine: removed only when told so. */
  readonly foreign: readonly string[]
}

/**
 * Removing exactly one model that is not in memory. `plan` changes nothing; `perform` does what a fresh plan says.
 * Crash-safe: the model is whole or gone. Never through a link, never outside the engine's folder, never a file of
 * another model.
 */
export interface Removing {
  plan(name: string, signal: AbortSignal): Promise<RemovalPlan>
  /** `foreign` files are removed only when allowed; else throws `foreign_files`. */
  perform(name: string, options: { readonly foreign: boolean }, signal: AbortSignal): Promise<RemovalPlan>
  /** Ends what a crash left of a removal. Idempotent; called at the start. */
  recover?(): Promise<void>
}
