/** The time, as a signal that moves every ten seconds while somebody reads it: what says "3 min ago" stays true. */
import { type ReadonlySignal, signal } from '@preact/signals'

const everyMs = 10_000
let timer: ReturnType<typeof setInterval> | undefined

const time = signal(Date.now(), {
  watched() {
    // Nobody has looked for a while.
    queueMicrotask(move)
    timer = setInterval(move, everyMs)
  },
  unwatched() {
    clearInterval(timer)
  },
})
const move = (): void => {
  time.value = Date.now()
}

export const now: ReadonlySignal<number> = time
