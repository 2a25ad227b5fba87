/** Lanes over what is missing: as many as help, none that sleeps or only holds bytes back. */

import type { Span } from './check-answer.ts'
import type { DownloadLimits } from './downloads.ts'
import { ComeAgain, Woken } from './failures.ts'
import { createLane, type Lane, type LaneWork } from './lane.ts'
import { createLaneCount, type LaneCount } from './lane-count.ts'
import { createSpans, type Spans } from './spans.ts'
import { type Clock, createSlowLanes, createWatch } from './watch.ts'

export interface LanesOptions {
  readonly most: number
  readonly limits: DownloadLimits
  /** Those that run, for whoever tells of progress. */
  readonly lanes: Set<Lane>
  /** Bytes that came, of all lanes ever. */
  readonly received: () => number
  /** Aborts the signal of the work. */
  readonly stop: () => void
}

/** Two seconds of a lane at once. */
const spanSeconds = 2

/** Ends when every byte is written and all lanes have ended; throws the first failure. */
export async function inLanes(work: LaneWork, options: LanesOptions): Promise<void> {
  const { limits, lanes } = options
  const spans = createSpans(work.bytes, (block) => work.partial.blocks.has(block))
  const count = createLaneCount(spans.left <= limits.wholeBytes ? 1 : options.most, limits.sampleMs)
  const running = new Set<Promise<void>>()
  let failure: unknown
  const onTrouble = (error: unknown): void => {
    work.onTrouble(error)
    if (error instanceof ComeAgain || (error as NodeJS.ErrnoException).code === 'ECONNREFUSED') count.trouble()
  }
  const fill = (): void => {
    while (running.size < count.wanted && spans.left > 0) {
      const one = runLane({ ...work, onTrouble }, { spans, count, lanes, limits }).catch((error: unknown) => {
        failure ??= error
        options.stop()
      })
      running.add(one)
      void one.finally(() => running.delete(one))
    }
  }
  const onAbort = (): void => {
    for (const lane of lanes) lane.close()
  }
  work.signal.addEventListener('abort', onAbort, { once: true })
  const timer = sampleLanes(options, { count, fill })
  try {
    fill()
    while (running.size > 0) await Promise.all(running)
  } finally {
    clearInterval(timer)
  }
  if (failure !== undefined) throw failure
  work.signal.throwIfAborted()
}

interface Shared {
  readonly spans: Spans
  readonly count: LaneCount
  readonly lanes: Set<Lane>
  readonly limits: DownloadLimits
}

async function runLane(work: LaneWork, { spans, count, lanes, limits }: Shared): Promise<void> {
  const lane = createLane(work)
  lanes.add(lane)
  let pace: number | undefined
  const next = (): Span | undefined => (lanes.size > count.wanted ? undefined : spans.take(spanOf(pace, spans.left, count.wanted, limits)))
  try {
    for (let span = next(); span && !work.signal.aborted; span = next()) {
      const [began, before] = [performance.now(), lane.received]
      await lane.fetch(span, false)
      pace = ((lane.received - before) / Math.max(1, performance.now() - began)) * 1000
    }
  } finally {
    lane.close()
    lanes.delete(lane)
  }
}

/** Fewer the nearer the end: no lane is left alone with much. */
function spanOf(pace: number | undefined, left: number, lanes: number, { spanBytes, wholeBytes }: DownloadLimits): number {
  if (lanes === 1 && left <= wholeBytes) return left
  const [first, least, most] = spanBytes
  const bySpeed = pace === undefined ? first : Math.min(most, Math.max(least, pace * spanSeconds))
  return Math.min(bySpeed, left / (lanes * 2))
}

/** Ends what is silent, for as long as it is not stopped. */
export function watchSilence(lanes: ReadonlySet<Lane>, limits: DownloadLimits, clock: Clock): () => void {
  const everyMs = Math.min(1000, limits.stallMs / 3)
  const watch = createWatch(limits, everyMs, clock)
  const timer = setInterval(() => watch([...lanes].flatMap(({ connection }) => connection ?? [])), everyMs)
  return () => clearInterval(timer)
}

function sampleLanes({ limits, lanes, received }: LanesOptions, { count, fill }: { count: LaneCount; fill: () => void }): NodeJS.Timeout {
  const slow = createSlowLanes<Lane>(limits.slowSamples)
  let before = 0
  return setInterval(() => {
    const now = received()
    count.sample(now - before)
    before = now
    for (const lane of slow(lanes)) lane.connection?.end(new Woken())
    fill()
  }, limits.sampleMs)
}
