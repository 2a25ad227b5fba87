/** At most so many at once, first come first served; the number may change meanwhile. */
import { abortReason } from '../contract/index.ts'

export interface Queue {
  /** Answers with what gives the place back (idempotent). `onWait` is called when it has to wait. */
  enter(signal: AbortSignal, onWait: () => void): Promise<() => void>
  setPlaces(places: number): void
}

export function createQueue(places: number): Queue {
  let most = places
  let taken = 0
  const waiting: (() => void)[] = []

  const admit = (): void => {
    while (taken < most && waiting.length > 0) {
      taken += 1
      waiting.shift()?.()
    }
  }
  const leaver = (): (() => void) => {
    let left = false
    return () => {
      if (left) return
      left = true
      taken -= 1
      admit()
    }
  }
  return {
    enter(signal, onWait) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(abortReason(signal))
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(grant), 1)
          reject(abortReason(signal))
        }
        const grant = (): void => {
          signal.removeEventListener('abort', onAbort)
          resolve(leaver())
        }
        signal.addEventListener('abort', onAbort, { once: true })
        waiting.push(grant)
        admit()
        if (waiting.includes(grant)) onWait()
      })
    },
    setPlaces(next) {
      most = next
      admit()
    },
  }
}
