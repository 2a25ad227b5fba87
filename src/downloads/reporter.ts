/** Tells of progress a few times a second, and at once of what it waits for. */
import type { DownloadProgress } from './downloads.ts'
import type { Waiting } from './failures.ts'

export interface Reporter {
  note(text: string): void
  /** What none of its lanes can go on without, or undefined. */
  waiting(why: Waiting | undefined): void
  /** Now. */
  tell(): void
  close(): void
}

export interface ReporterOptions {
  readonly everyMs: number
  readonly total: number
  readonly done: () => number
  /** Bytes that came, kept or not. */
  readonly received: () => number
  readonly waitingFor: () => Waiting | undefined
  readonly onProgress: (progress: DownloadProgress) => void
}

/** Of a new sample in the speed that is told. */
const weight = 0.3

export function createReporter(options: ReporterOptions): Reporter {
  const { everyMs, total, done, received, onProgress } = options
  let [before, at] = [received(), performance.now()]
  let speed: number | undefined
  let own: Waiting | undefined
  let text: string | undefined

  const sample = (): void => {
    const now = performance.now()
    if (now - at < everyMs / 2) return
    const latest = ((received() - before) / (now - at)) * 1000
    speed = speed === undefined ? latest : speed + weight * (latest - speed)
    before = received()
    at = now
  }
  const tell = (): void => {
    sample()
    const bytesDone = done()
    onProgress({
      bytesDone,
      bytesTotal: total,
      bytesPerSecond: speed,
      secondsLeft: speed && speed >= 1 ? (total - bytesDone) / speed : undefined,
      waitingFor: own ?? options.waitingFor(),
      note: text,
    })
    text = undefined
  }
  const timer = setInterval(tell, everyMs)
  return {
    note(said) {
      text = said
      tell()
    },
    waiting(why) {
      own = why
      tell()
    },
    tell,
    close: () => clearInterval(timer),
  }
}
