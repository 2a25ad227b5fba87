/** One call at a time of a control: what runs, what it failed with. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { useState } from 'preact/hooks'

export interface Call {
  readonly running: ReadonlySignal<boolean>
  readonly error: ReadonlySignal<unknown>
  /** Nothing while one runs. */
  run(work: () => Promise<unknown>): Promise<void>
  /** After the one that runs; of several that wait, the newest. */
  next(work: () => Promise<unknown>): Promise<void>
  clear(): void
}

export const useCall = (): Call => useState(createCall)[0]

type Work = () => Promise<unknown>

export function createCall(): Call {
  const running = signal(false)
  const error = signal<unknown>(undefined)
  let waiting: Work | undefined
  const run = async (work: Work): Promise<void> => {
    if (running.peek()) return
    running.value = true
    for (let now: Work | undefined = work; now; now = waiting) {
      waiting = undefined
      error.value = undefined
      try {
        await now()
      } catch (caught) {
        error.value = caught
      }
    }
    running.value = false
  }
  return {
    running,
    error,
    run,
    next: async (work) => {
      if (!running.peek()) return run(work)
      waiting = work
    },
    clear: () => {
      error.value = undefined
    },
  }
}
