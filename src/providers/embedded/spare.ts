/** A child with llama.cpp ready and no model, so that a switch does not wait for a process. */
import type { EngineChild } from './engine-child.ts'

export interface Spare {
  /** One is kept while it is wanted. */
  want(wanted: boolean): void
  /** The spare if there is a living one, else a new child. */
  take(): EngineChild
  /** The engine is quiet: now a new spare costs nobody anything. */
  refill(): void
  close(): Promise<void>
}

/** A spare that dies at once, again and again, is not started for ever. */
const retryMs = [1000, 5000, 30_000, 300_000] as const

export function createSpare(start: () => EngineChild): Spare {
  let wanted = false
  let spare: EngineChild | undefined
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const fill = (): void => {
    clearTimeout(timer)
    if (!wanted || spare || closed) return
    const child = start()
    spare = child
    void child.ready.then(
      () => {
        failures = 0
      },
      () => undefined,
    )
    child.onExit(() => {
      if (spare !== child) return
      spare = undefined
      fillLater(retryMs[Math.min(failures, retryMs.length - 1)] ?? 300_000)
      failures += 1
    })
  }
  const fillLater = (ms: number): void => {
    clearTimeout(timer)
    if (!wanted || closed) return
    timer = setTimeout(fill, ms)
    timer.unref()
  }
  const drop = async (): Promise<void> => {
    const child = spare
    spare = undefined
    await child?.end()
  }

  return {
    want(now) {
      if (wanted === now) return
      wanted = now
      if (wanted) fillLater(0)
      else void drop()
    },
    take() {
      const child = spare
      spare = undefined
      return child?.alive ? child : start()
    },
    refill: () => fillLater(0),
    async close() {
      closed = true
      clearTimeout(timer)
      await drop()
    },
  }
}
