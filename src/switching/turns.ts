/**
 * Whose turn it is at an engine: one switch (or explicit load, unload, release) at a time per provider, over all
 * slots, first come first served. A turn over several providers is taken at once, so two can never wait for each other.
 */
import { abortReason } from '../contract/index.ts'

export interface Turn {
  /** Idempotent. */
  end(): void
}

export interface Turns {
  take(providers: readonly string[], signal: AbortSignal): Promise<Turn>
}

interface Waiter {
  readonly providers: ReadonlySet<string>
  readonly grant: () => void
}

export function createTurns(): Turns {
  const held = new Set<string>()
  const waiting: Waiter[] = []

  /** Grants from the front; a waiter also blocks those behind it who want what it wants. */
  const grantInOrder = (): void => {
    const wanted = new Set(held)
    for (const waiter of [...waiting]) {
      const free = [...waiter.providers].every((id) => !wanted.has(id))
      for (const id of waiter.providers) wanted.add(id)
      if (!free) continue
      waiting.splice(waiting.indexOf(waiter), 1)
      for (const id of waiter.providers) held.add(id)
      waiter.grant()
    }
  }

  const turnOver = (providers: ReadonlySet<string>): Turn => {
    let ended = false
    return {
      end() {
        if (ended) return
        ended = true
        for (const id of providers) held.delete(id)
        grantInOrder()
      },
    }
  }

  return {
    take(ids, signal) {
      const providers = new Set(ids)
      return new Promise<Turn>((resolve, reject) => {
        if (signal.aborted) return reject(abortReason(signal))
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1)
          reject(abortReason(signal))
          grantInOrder()
        }
        const waiter: Waiter = {
          providers,
          grant() {
            signal.removeEventListener('abort', onAbort)
            resolve(turnOver(providers))
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        waiting.push(waiter)
        grantInOrder()
      })
    },
  }
}
