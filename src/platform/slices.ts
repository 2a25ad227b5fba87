/** Long work on the main thread in short pieces: whoever waits for it meanwhile is served. */
import { setImmediate as afterOthers } from 'node:timers/promises'

const sliceMs = 2
/** Looking at the clock costs more than a small step. */
const stepsBetweenLooks = 8

/** Several such works take turns: one piece of one of them between two turns of the event loop. */
let turn: Promise<void> = Promise.resolve()

/** Call it between two small steps: it gives way when the slice is used up. */
export function inSlices(): () => Promise<void> | undefined {
  let began = performance.now()
  let steps = 0
  const resume = (): void => {
    began = performance.now()
  }
  return () => {
    steps += 1
    if (steps % stepsBetweenLooks !== 0 || performance.now() - began < sliceMs) return undefined
    turn = turn.then(() => afterOthers())
    return turn.then(resume)
  }
}
