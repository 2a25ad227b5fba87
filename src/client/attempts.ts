import { linked } from './linked.ts'
import { pause } from './pause.ts'

const firstPauseMs = 100
const longestPauseMs = 5000

/** The pauses between attempts, each twice as long as the one before it. */
export interface Attempts {
  /** Waits before the next one; ends early, without an error, when the signal aborts. */
  pause(signal?: AbortSignal): Promise<void>
  /** The pauses are short again. */
  succeeded(): void
  /** Ends the pause that is under way; the next ones are short again. */
  hurry(): void
}

export function growingPauses(): Attempts {
  let failures = 0
  let cut = (): void => {}
  return {
    async pause(signal) {
      const line = linked(signal)
      cut = () => line.end(undefined)
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++), line.signal)
      cut()
    },
    succeeded() {
      failures = 0
    },
    hurry() {
      failures = 0
      cut()
    },
  }
}
