/** One call at a time of a control: what runs, what it failed with. */
import { type ReadonlySignal, useSignal } from '@preact/signals'

export interface Call {
  readonly running: ReadonlySignal<boolean>
  readonly error: ReadonlySignal<unknown>
  /** Nothing while one runs. */
  run(work: () => Promise<unknown>): Promise<void>
  clear(): void
}

export function useCall(): Call {
  const running = useSignal(false)
  const error = useSignal<unknown>(undefined)
  return {
    running,
    error,
    async run(work) {
      if (running.peek()) return
      running.value = true
      error.value = undefined
      try {
        await work()
      } catch (caught) {
        error.value = caught
      } finally {
        running.value = false
      }
    },
    clear: () => {
      error.value = undefined
    },
  }
}
