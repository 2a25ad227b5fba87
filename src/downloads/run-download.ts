/** One download from its partial to the proof of its hash: lanes, their number, and what follows from a wrong digest. */
import type { Dispatcher } from 'undici'
import { ModelyardError } from '../contract/index.ts'
import { followHash } from '../platform/hash-follower.ts'
import type { Bandwidth } from './bandwidth.ts'
import type { Span } from './check-answer.ts'
import type { DownloadFile, DownloadLimits, DownloadProgress } from './downloads.ts'
import { ComeAgain, createFailures, type Waiting } from './failures.ts'
import { blockBytes, blockCount } from './journal.ts'
import { fetchSpan, type LaneWork } from './lane.ts'
import { createLinks } from './links.ts'
import type { Partial } from './partial.ts'
import { RangeIgnored, type Source } from './read-span.ts'

export interface Run {
  readonly file: DownloadFile
  readonly partial: Partial
  readonly dispatcher: Dispatcher
  readonly limits: DownloadLimits
  readonly connections: number
  readonly bandwidths: readonly Bandwidth[]
  readonly signal: AbortSignal
  readonly onProgress: (progress: DownloadProgress) => void
}

const firstLanes = 2
const mostBlocksAtOnce = 32
/** Another connection is kept only if it brings so much. */
const worthIt = 1.05

/** Answers when every byte is here and the digest is the promised one. */
export async function runDownload(run: Run): Promise<void> {
  const { file, partial } = run
  const links = createLinks(file.resolve)
  const source: Source = { dispatcher: run.dispatcher, links, bytes: file.bytes, gguf: file.gguf, limits: run.limits }
  for (let fresh = false; ; ) {
    const actual = await fetchAll(run, source)
    if (actual === file.sha256) return partial.sync()
    const bad = await partial.sweep()
    if (bad.length > 0) {
      report(run, undefined, `${bad.length} damaged blocks are fetched again`)
      continue
    }
    await partial.reset()
    if (fresh) throw mismatch(file.sha256, actual)
    fresh = true
    source.etag = undefined
    report(run, undefined, 'the bytes do not have the promised hash: fetched once more')
  }
}

const mismatch = (expected: string, actual: string): ModelyardError =>
  new ModelyardError('hash_mismatch', `The bytes hash to ${actual}, promised was ${expected}.`, { details: { expected, actual } })

const report = ({ partial, file, onProgress }: Run, waitingFor: Waiting, note?: string, bytesPerSecond?: number): void =>
  onProgress({
    bytesDone: partial.bytesDone(),
    bytesTotal: file.bytes,
    waitingFor,
    note,
    bytesPerSecond,
    secondsLeft: bytesPerSecond ? (file.bytes - partial.bytesDone()) / bytesPerSecond : undefined,
  })

/** Fetches what is missing; answers the digest of the whole. */
async function fetchAll(run: Run, source: Source): Promise<string> {
  const { file, partial, signal } = run
  const follower = followHash(partial.path, file.bytes)
  const began = performance.now()
  let received = 0
  let front = 0
  const advance = (): void => {
    while (partial.blocks.has(front)) front += 1
    follower.advance(Math.min(front * blockBytes, file.bytes))
  }
  const stop = new AbortController()
  const work: LaneWork = {
    source,
    partial,
    failures: createFailures(run.limits, (why) => report(run, why)),
    bandwidths: run.bandwidths,
    signal: AbortSignal.any([signal, stop.signal]),
    onBytes: (bytes) => {
      received += bytes
    },
    onBlock: () => {
      advance()
      report(run, undefined, undefined, (received / Math.max(1, performance.now() - began)) * 1000)
    },
    onTrouble: () => undefined,
  }
  try {
    advance()
    report(run, undefined)
    try {
      await inLanes(run, work, () => received)
    } catch (error) {
      if (!(error instanceof RangeIgnored)) throw error
      await fetchSpan({ ...work, signal }, { start: 0, end: file.bytes }, true)
    }
    return await follower.digest
  } finally {
    stop.abort()
    await follower.close()
  }
}

/** Lanes over the missing blocks, more of them while more bring more. Ends when all lanes have ended; throws the first failure. */
async function inLanes(run: Run, work: LaneWork, received: () => number): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([work.signal, stop.signal])
  let wanted = Math.min(firstLanes, run.connections)
  const taken = new Set<number>()
  const take = (): Span | undefined => nextSpan(run, taken, wanted)
  const lanes = new Set<Promise<void>>()
  let failure: unknown
  const onTrouble = (error: unknown): void => {
    if (error instanceof ComeAgain) wanted = Math.max(1, wanted >> 1)
  }
  const lane = async (): Promise<void> => {
    for (let span = take(); span && !signal.aborted; span = take()) await fetchSpan({ ...work, signal, onTrouble }, span, false)
  }
  const fill = (): void => {
    for (let more = wanted - lanes.size; more > 0; more -= 1) {
      const one = lane().catch((error: unknown) => {
        failure ??= error
        stop.abort()
      })
      lanes.add(one)
      void one.finally(() => lanes.delete(one))
    }
  }
  let [before, rate] = [received(), 0]
  const sampler = setInterval(() => {
    const now = received() - before
    before = received()
    if (now > rate * worthIt && wanted < run.connections) {
      wanted += 1
      fill()
    }
    rate = now
  }, run.limits.sampleMs)
  try {
    fill()
    while (lanes.size > 0) await Promise.all(lanes)
  } finally {
    clearInterval(sampler)
  }
  work.signal.throwIfAborted()
  if (failure !== undefined) throw failure
}

/** The first missing blocks that no lane has, fewer the nearer the end: no lane is left alone with much. */
function nextSpan({ partial, file }: Run, taken: Set<number>, lanes: number): Span | undefined {
  const count = blockCount(file.bytes)
  const missing = count - partial.blocks.size
  const most = Math.max(1, Math.min(mostBlocksAtOnce, Math.ceil(missing / (lanes * 2))))
  const free = (block: number): boolean => block < count && !partial.blocks.has(block) && !taken.has(block)
  let first = 0
  while (first < count && !free(first)) first += 1
  let end = first
  while (end - first < most && free(end)) taken.add(end++)
  return end === first ? undefined : { start: first * blockBytes, end: Math.min(end * blockBytes, file.bytes) }
}
