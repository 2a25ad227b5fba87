/** The thread that walks folders. What has not changed since it was told last is not told again. */
import { parentPort } from 'node:worker_threads'
import { createFolderWalk, type FolderWalk, type WalkedFile } from './folder-walk.ts'

export interface WalkQuestion {
  readonly id: number
  /** Its real path. */
  readonly root: string
  readonly depth: number
}

/** The next piece of an answer is wanted. */
export interface WalkMore {
  readonly id: number
  readonly more: true
}

/** Pieces of one answer, each when it is asked for: whoever gets them has little to do at once. */
export type WalkAnswer =
  | { readonly id: number; readonly same: true }
  | { readonly id: number; readonly files: readonly WalkedFile[]; readonly last: boolean }

interface Walked {
  readonly walk: FolderWalk
  told?: readonly WalkedFile[]
  fullAt: number
}

const pieceFiles = 500
/** A change that no mtime of a folder tells of is seen so much later. */
const fullEveryMs = 5000
const all = new Map<string, Walked>()

const answers = new Map<number, readonly WalkedFile[]>()

parentPort?.on('message', (said: WalkQuestion | WalkMore) => ('more' in said ? sayPiece(said.id) : look(said)))

function look({ id, root, depth }: WalkQuestion): void {
  const key = `${depth} ${root}`
  const walked: Walked = all.get(key) ?? { walk: createFolderWalk(root, depth), fullAt: 0 }
  all.set(key, walked)
  const first = walked.told === undefined
  if (first) walked.fullAt = Date.now()
  answer(id, walked, walked.walk.look({ full: first }))
  if (Date.now() - walked.fullAt > fullEveryMs) setImmediate(lookWhole, walked)
}

function answer(id: number, walked: Walked, files: readonly WalkedFile[]): void {
  if (walked.told === files) return say({ id, same: true })
  walked.told = files
  answers.set(id, files)
  sayPiece(id)
}

function sayPiece(id: number): void {
  const files = answers.get(id) ?? []
  const rest = files.slice(pieceFiles)
  if (rest.length > 0) answers.set(id, rest)
  else answers.delete(id)
  say({ id, files: files.slice(0, pieceFiles), last: rest.length === 0 })
}

/** For whoever asks next. */
function lookWhole(walked: Walked): void {
  walked.fullAt = Date.now()
  walked.walk.look({ full: true })
}

const say = (answer: WalkAnswer): void => parentPort?.postMessage(answer)
