/** What a stand-in Hub has: repositories with files, whose content follows from their size or is given. */
import { createHash } from 'node:crypto'
import type { CdnObject } from './fake-cdn-answer.ts'
import { createServedRanges } from './fake-cdn-counts.ts'
import { type CdnFault, createFaultList } from './fake-cdn-faults.ts'
import { type FakeBytes, generatedContent, givenContent } from './fake-content.ts'

/** What requests are counted by. */
export type HubBucket = 'api' | 'resolvers' | 'pages'

export interface FakeHubFile {
  readonly path: string
  /** Of content that follows from the offset, of any size; those that `content` has, where there is one. */
  readonly bytes?: number
  readonly content?: FakeBytes
  /** What the Hub says; default: the true one, and a made-up one for more than 64 MiB that follow from their offset. */
  readonly sha256?: string
  /** As a file kept outside git has one; false: it is a small file of git itself. */
  readonly lfs?: boolean
  /** On the way of its bytes. */
  readonly faults?: readonly CdnFault[]
}

export interface FakeHubRepository {
  readonly repo: string
  readonly files: readonly FakeHubFile[]
  /** Its files are only for whoever signed in and was granted them. */
  readonly gated?: 'auto' | 'manual'
  readonly granted?: boolean
  /** Is not there for whoever brings no token. */
  readonly private?: boolean
  /** Refuses whatever is asked of it. */
  readonly refuses?: 'gated' | 'disabled'
  readonly licence?: string
  readonly pipeline?: string
  readonly gguf?: { readonly total?: number; readonly architecture?: string; readonly context_length?: number }
  readonly downloads?: number
  /** Other names that lead here, as after a renaming. */
  readonly formerly?: readonly string[]
}

export interface ShelfFile extends CdnObject {
  readonly path: string
  readonly bytes: number
  readonly lfs: boolean
  /** Of a file kept outside git. */
  readonly sha256: () => Promise<string>
  readonly xetHash: string
  /** Of git. */
  readonly oid: string
}

export interface Shelf {
  filesOf(repository: FakeHubRepository): readonly ShelfFile[]
}

const hashedBytes = 64 * 2 ** 20

export function createShelf(): Shelf {
  const shelves = new Map<FakeHubRepository, ShelfFile[]>()
  return {
    filesOf(repository) {
      const known = shelves.get(repository)
      if (known) return known
      const made = repository.files.map(shelfFile)
      shelves.set(repository, made)
      return made
    },
  }
}

function shelfFile({ path, bytes = 0, content: given, sha256: told, lfs = true, faults }: FakeHubFile): ShelfFile {
  const content = given === undefined ? generatedContent(bytes) : givenContent(given)
  const made = told ?? (given === undefined && bytes > hashedBytes ? sha256(path) : undefined)
  // Looks like the hash of the file and is none.
  const xetHash = sha256(`xet ${path}`)
  return {
    path,
    content,
    lfs,
    xetHash,
    bytes: content.bytes,
    oid: sha1(path),
    sha256: async () => made ?? content.sha256(),
    etag: lfs ? xetHash : sha1(path),
    faults: createFaultList(faults),
    served: createServedRanges(),
  }
}

/** Stays the same as long as the name does. */
export const commitOf = (repo: string): string => sha1(repo)
export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
