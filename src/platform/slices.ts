/** Long work on the main thread in short pieces: whoever waits for it meanwhile is served. */
import { setImmediate as afterOthers } from 'node:timers/promises'

const sliceMs = 4
/** Looking at the clock costs more than a small step. */
const stepsBetweenLooks = 16

/** Call it between two small steps: it gives way when the slice is used up. */
export function inSlices(): () => Promise<void> | undefined {
  let began = performance.now()
  let steps = 0
  return () => {
    steps += 1
    if (steps % stepsBetweenLooks !== 0 || performance.now() - began < sliceMs) return undefined
    return afterOthers().then(() => {
      began = performance.now()
    })
  }
}
