/** One download from its partial to the proof of its hash, in a thread: lanes, and what follows from a wrong digest. */
import { setTimeout as after } from 'node:timers/promises'
import { ModelyardError } from '../contract/error.ts'
import { followHash, type HashFollower } from '../platform/hash-follower.ts'
import { untilAborted } from '../platform/until-aborted.ts'
import type { Share } from './bandwidth.ts'
import type { DownloadProgress } from './downloads.ts'
import { createFailures, isFull, type Waiting } from './failures.ts'
import { blockBytes } from './journal.ts'
import { createLane, type Lane, type LaneWork, RangeIgnored } from './lane.ts'
import { inLanes, watchSilence } from './lanes.ts'
import { createLinks, type Link } from './links.ts'
import type { DownloadOrder } from './messages.ts'
import { openPartial, type Partial } from './partial.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { systemClock } from './watch.ts'

export interface RunOptions {
  readonly order: DownloadOrder
  readonly resolve: () => Promise<Link>
  readonly share: Share
  readonly signal: AbortSignal
  readonly onProgress: (progress: DownloadProgress) => void
  readonly onVerified: () => void
  /** What a test can make fail. */
  readonly open?: typeof openPartial
}

/** Sweeps before everything is fetched again: a disk that loses what was just written is not repaired for ever. */
const mostSweeps = 3

interface Run extends RunOptions {
  readonly partial: Partial
  readonly report: Reporter
  readonly lanes: Set<Lane>
  /** Bytes that came, kept or not. */
  readonly count: { received: number }
}

/** Answers when every byte is here, the digest is the promised one, and both outlive a loss of power. */
export async function runDownload(options: RunOptions): Promise<void> {
  const { order } = options
  const partial = await openWhenRoom(options)
  const lanes = new Set<Lane>()
  const count = { received: 0 }
  const report = createReporter({
    everyMs: order.limits.reportMs,
    total: order.bytes,
    done: partial.bytesDone,
    received: () => count.received,
    waitingFor: () => commonWait(lanes),
    onProgress: options.onProgress,
  })
  const run: Run = { ...options, partial, report, lanes, count }
  try {
    report.tell()
    await untilProven(run)
    report.tell()
    options.onVerified()
    await untilRoom(run, () => partial.sync())
  } finally {
    report.close()
    await partial.close()
  }
}

async function untilProven(run: Run): Promise<void> {
  const { order, partial, report } = run
  const links = createLinks(run.resolve)
  let [fresh, sweeps] = [false, 0]
  for (;;) {
    const actual = await fetchAll(run, links).finally(() => checkThere(partial))
    if (actual === order.sha256) return
    const bad = sweeps < mostSweeps ? await partial.sweep(run.signal) : []
    sweeps += 1
    if (bad.length > 0) {
      report.note(`${bad.length} damaged blocks are fetched again`)
      continue
    }
    partial.reset()
    if (fresh) throw mismatch(order.sha256, actual)
    fresh = true
    links.forget()
    report.note('the bytes do not have the promised hash: fetched once more')
  }
}

function checkThere(partial: Partial): void {
  if (!partial.there()) throw new ModelyardError('interrupted', 'Somebody removed the partial while it was downloaded.')
}

const mismatch = (expected: string, actual: string): ModelyardError =>
  new ModelyardError('hash_mismatch', `The bytes hash to ${actual}, promised was ${expected}.`, { details: { expected, actual } })

/** Fetches what is missing; answers the digest of the whole. */
async function fetchAll(run: Run, links: ReturnType<typeof createLinks>): Promise<string> {
  const follower = followHash(run.partial.path, run.order.bytes)
  // Its end while lanes still run is theirs, too.
  const stop = new AbortController()
  follower.digest.catch((error: unknown) => stop.abort(error))
  try {
    await withWork(run, links, follower, stop, async (work, end) => {
      const { limits, connections: most } = run.order
      await inLanes(work, { most, limits, lanes: run.lanes, received: () => run.count.received, stop: end })
    }).catch(async (error: unknown) => {
      if (!(error instanceof RangeIgnored)) throw error
      await withWork(run, links, follower, stop, (work) => inOne(run, work))
    })
    run.report.tell()
    return await untilAborted(follower.digest, run.signal)
  } finally {
    await follower.close()
  }
}

/** A server that knows no ranges. */
async function inOne({ lanes, order }: Run, work: LaneWork): Promise<void> {
  const lane = createLane(work)
  lanes.add(lane)
  work.signal.addEventListener('abort', () => lane.close(), { once: true })
  try {
    await lane.fetch({ start: 0, end: order.bytes }, true)
  } finally {
    lane.close()
    lanes.delete(lane)
  }
}

/** What lanes need, for as long as one of them goes on: `end` ends all. */
async function withWork(
  run: Run,
  links: ReturnType<typeof createLinks>,
  follower: HashFollower,
  stop: AbortController,
  perform: (work: LaneWork, end: () => void) => Promise<void>,
): Promise<void> {
  const { order, partial } = run
  const ended = new AbortController()
  const signal = AbortSignal.any([run.signal, stop.signal, ended.signal])
  let front = 0
  const advance = (): void => {
    while (partial.blocks.has(front)) front += 1
    follower.advance(Math.min(front * blockBytes, order.bytes))
  }
  advance()
  const work: LaneWork = {
    partial,
    bytes: order.bytes,
    gguf: order.gguf,
    links,
    failures: createFailures({ limits: order.limits, signal, begun: () => partial.bytesDone() > 0 }),
    share: run.share,
    ca: order.ca,
    signal,
    onBytes: (bytes) => {
      run.count.received += bytes
    },
    onBlock: advance,
    onTrouble: () => undefined,
  }
  const stopWatching = watchSilence(run.lanes, order.limits, systemClock)
  try {
    await perform(work, () => ended.abort())
  } finally {
    stopWatching()
    ended.abort()
  }
}

/** Only when nobody gets on. */
function commonWait(lanes: ReadonlySet<Lane>): Waiting | undefined {
  const reasons = [...lanes].map(({ waitingFor }) => waitingFor)
  return reasons.includes(undefined) ? undefined : reasons[0]
}

async function openWhenRoom({ order, open = openPartial, signal, onProgress }: RunOptions): Promise<Partial> {
  const { folder, limits, bytes } = order
  for (;;) {
    try {
      return await open(folder, order, limits)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EFBIG')
        throw new ModelyardError('disk_full', `The volume takes no file of ${bytes} bytes.`)
      if (!isFull(error)) throw error
      onProgress({ bytesDone: 0, bytesTotal: bytes, waitingFor: 'disk' })
      await after(limits.diskMs, undefined, { signal })
    }
  }
}

async function untilRoom({ order, report, signal }: Run, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isFull(error)) throw error
      report.waiting('disk')
      await after(order.limits.diskMs, undefined, { signal })
      report.waiting(undefined)
    }
  }
}
