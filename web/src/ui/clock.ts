/** The time, as a signal that moves every ten seconds: what says "3 min ago" stays true. */
import { type ReadonlySignal, signal } from '@preact/signals'

const everyMs = 10_000
const time = signal(Date.now())
setInterval(() => {
  time.value = Date.now()
}, everyMs)

export const now: ReadonlySignal<number> = time
