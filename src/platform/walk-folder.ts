/** Every GGUF file below a folder, walked by a thread: ten thousand files, or a disk that sleeps, hold nobody up. */
import { realpath } from 'node:fs/promises'
import type { Worker } from 'node:worker_threads'
import { type Deferred, deferred } from '../util/deferred.ts'
import type { WalkedFile } from './folder-walk.ts'
import { startThread } from './start-thread.ts'
import type { WalkAnswer, WalkMore, WalkQuestion } from './walk-worker.ts'

export interface WalkedFolder {
  /** Its real path; undefined when it is not there. */
  readonly root: string | undefined
  /** The same array while nothing has changed. Order: by folder, then by name. */
  readonly files: readonly WalkedFile[]
}

/** The thread ends when nobody has asked for so long. */
const idleMs = 30_000

interface Asked {
  readonly done: Deferred<readonly WalkedFile[]>
  readonly key: string
  readonly files: WalkedFile[]
  /** The thread that was asked: one that is ending takes none of the next one's along. */
  readonly worker: Worker
}

const asked = new Map<number, Asked>()
const running = new Map<string, Promise<readonly WalkedFile[]>>()
const next = new Map<string, Promise<readonly WalkedFile[]>>()
const told = new Map<string, readonly WalkedFile[]>()
let thread: Worker | undefined
let idle: NodeJS.Timeout | undefined
let lastId = 0

/**
 * As it is now: a walk that runs already may have passed what has just changed, so that those who ask meanwhile share
 * the next one. `depth`: of the folders below it that are entered. What is hidden, and linked folders, are not.
 */
export async function walkFolder(folder: string, depth: number): Promise<WalkedFolder> {
  const root = await realpath(folder).catch(() => undefined)
  if (root === undefined) return { root, files: [] }
  const key = `${depth} ${root}`
  return { root, files: await (next.get(key) ?? after(running.get(key), key, { root, depth })) }
}

function after(walk: Promise<unknown> | undefined, key: string, question: Omit<WalkQuestion, 'id'>): Promise<readonly WalkedFile[]> {
  if (!walk) return ask(key, question)
  const begin = (): Promise<readonly WalkedFile[]> => {
    next.delete(key)
    return ask(key, question)
  }
  const mine = walk.then(begin, begin)
  next.set(key, mine)
  return mine
}

function ask(key: string, question: Omit<WalkQuestion, 'id'>): Promise<readonly WalkedFile[]> {
  lastId += 1
  const id = lastId
  const done = deferred<readonly WalkedFile[]>()
  running.set(key, done.promise)
  clearTimeout(idle)
  thread ??= start()
  asked.set(id, { done, key, files: [], worker: thread })
  thread.ref()
  thread.postMessage({ id, ...question } satisfies WalkQuestion)
  return done.promise
}

function start(): Worker {
  const worker = startThread('walk-worker', import.meta.url)
  let why = new Error('the walking thread ended')
  worker.on('message', heard)
  worker.on('error', (error: Error) => {
    why = error
  })
  worker.once('exit', () => {
    if (thread === worker) forgetThread()
    for (const [id, one] of asked) {
      if (one.worker !== worker) continue
      end(id)
      one.done.reject(why)
    }
  })
  return worker
}

function heard(answer: WalkAnswer): void {
  const one = asked.get(answer.id)
  if (!one) return
  if ('same' in answer) return finish(answer.id, one, told.get(one.key) ?? [])
  one.files.push(...answer.files)
  if (answer.last) finish(answer.id, one, one.files)
  else thread?.postMessage({ id: answer.id, more: true } satisfies WalkMore)
}

function finish(id: number, { done, key }: Asked, files: readonly WalkedFile[]): void {
  told.set(key, files)
  end(id)
  done.resolve(files)
  if (asked.size > 0) return
  thread?.unref()
  idle = setTimeout(() => {
    const ending = thread
    forgetThread()
    void ending?.terminate()
  }, idleMs).unref()
}

function end(id: number): void {
  running.delete(asked.get(id)?.key ?? '')
  asked.delete(id)
}

/** Another thread knows nothing of what was told. */
function forgetThread(): void {
  thread = undefined
  told.clear()
}
