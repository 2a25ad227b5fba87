import { setTimeout as delay } from 'node:timers/promises'
import { abortReason } from '../../contract/index.ts'

const firstPauseMs = 10
const longestPauseMs = 500

/** Looks again and again, at growing distances (10 to 500 ms), until there is an answer. Throws the signal's reason. */
export async function untilSeen<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
    const seen = await look()
    if (seen !== undefined) return seen
    try {
      await delay(pause, undefined, { signal })
    } catch {
      throw abortReason(signal)
    }
  }
}
