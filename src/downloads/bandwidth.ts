/** A token bucket in turns: whoever asks first is served first, so lanes and downloads share what there is. */
import { setTimeout as after } from 'node:timers/promises'

export interface Bandwidth {
  /** Answers when so many bytes may pass. */
  take(bytes: number, signal: AbortSignal): Promise<void>
  /** Null: no limit. */
  set(bytesPerSecond: number | null): void
}

export function createBandwidth(bytesPerSecond: number | null): Bandwidth {
  let rate = bytesPerSecond
  /** On the monotonic clock: when what was given out will have been paid for. */
  let paidAt = 0
  return {
    async take(bytes, signal) {
      if (rate === null) return
      const now = performance.now()
      paidAt = Math.max(paidAt, now) + (bytes / rate) * 1000
      if (paidAt - now > 1) await after(paidAt - now, undefined, { signal })
    },
    set(next) {
      rate = next
      paidAt = 0
    },
  }
}
