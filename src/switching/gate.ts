/**
 * The gate of one slot: every request takes a lease here and ends on the model that admitted it. While nothing serves,
 * requests wait in the order of their arrival, with a deadline; where nothing will serve, they are refused at once.
 */
import { abortReason, type EffectiveSlotSettings, ModelyardError } from '../contract/index.ts'
import type { Serving } from './machine-state.ts'

export interface Lease extends Serving {
  /** Idempotent. */
  release(): void
}

/** What the gate asks the slot before it lets a request through. */
export type Admission =
  | { readonly open: true; readonly serving: Serving }
  | { readonly open: false; readonly wait: true }
  | { readonly open: false; readonly wait: false; readonly error: ModelyardError }

export interface Gate {
  /** Throws `queue_timeout`, `slot_empty`, `slot_unavailable`, `rate_limited`, or the signal's reason. */
  enter(signal?: AbortSignal): Promise<Lease>
  /** Without waiting, for the hot path; undefined when the request would have to wait. Throws what `enter` throws. */
  tryEnter(): Lease | undefined
  /** Looks at those who wait again: the slot has changed. */
  changed(): void
  readonly leases: number
  readonly waiting: number
  leasesOf(epoch: number): number
  /** Resolves when no lease of this epoch is left; false when the time or the signal ended first. */
  drained(epoch: number, ms: number, signal: AbortSignal): Promise<boolean>
  /** Calls back once, as soon as no lease of the epoch is left. */
  whenFree(epoch: number, callback: () => void): void
  close(reason: ModelyardError): void
}

/** Requests that may wait at one slot; more are refused. */
const queueLimit = 10_000

interface Waiter {
  readonly settle: (result: Lease | ModelyardError) => void
}

export function createGate(options: { admission: () => Admission; settings: () => EffectiveSlotSettings }): Gate {
  const perEpoch = new Map<number, number>()
  const queue = new Set<Waiter>()
  const freeCallbacks = new Map<number, Set<() => void>>()
  let total = 0

  const grant = (serving: Serving): Lease => {
    total += 1
    perEpoch.set(serving.epoch, (perEpoch.get(serving.epoch) ?? 0) + 1)
    let released = false
    return {
      target: serving.target,
      epoch: serving.epoch,
      release() {
        if (released) return
        released = true
        giveBack(serving.epoch)
      },
    }
  }

  const giveBack = (epoch: number): void => {
    total -= 1
    const left = (perEpoch.get(epoch) ?? 1) - 1
    if (left > 0) perEpoch.set(epoch, left)
    else perEpoch.delete(epoch)
    if (queue.size > 0) changed()
    if (left <= 0) callFree(epoch)
  }

  const callFree = (epoch: number): void => {
    const callbacks = freeCallbacks.get(epoch)
    freeCallbacks.delete(epoch)
    for (const callback of callbacks ?? []) callback()
  }

  const full = (): boolean => {
    const limit = options.settings().maxRequests
    return limit !== null && total >= limit
  }

  const changed = (): void => {
    for (const waiter of [...queue]) {
      const admission = options.admission()
      if (admission.open) {
        if (full()) return
        waiter.settle(grant(admission.serving))
      } else if (!admission.wait) waiter.settle(admission.error)
      else return
    }
  }

  const tryEnter = (): Lease | undefined => {
    const admission = options.admission()
    if (!admission.open && !admission.wait) throw admission.error
    if (!admission.open || full() || queue.size > 0) return undefined
    return grant(admission.serving)
  }

  const wait = (signal?: AbortSignal): Promise<Lease> => {
    if (queue.size >= queueLimit) throw new ModelyardError('rate_limited', `${queueLimit} requests wait at this slot already.`)
    const seconds = options.settings().queueSeconds
    return new Promise<Lease>((resolve, reject) => {
      const timer = setTimeout(
        () => waiter.settle(new ModelyardError('queue_timeout', `Nothing served within ${seconds} s.`)),
        seconds * 1000,
      )
      const onAbort = (): void => waiter.settle(signal ? abortReason(signal) : new ModelyardError('cancelled'))
      const waiter: Waiter = {
        settle(result) {
          queue.delete(waiter)
          clearTimeout(timer)
          signal?.removeEventListener('abort', onAbort)
          if (ModelyardError.is(result)) reject(result)
          else resolve(result)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      queue.add(waiter)
    })
  }

  const whenFree = (epoch: number, callback: () => void): void => {
    if (!perEpoch.has(epoch)) {
      callback()
      return
    }
    const callbacks = freeCallbacks.get(epoch) ?? new Set()
    callbacks.add(callback)
    freeCallbacks.set(epoch, callbacks)
  }

  return {
    async enter(signal) {
      if (signal?.aborted) throw abortReason(signal)
      return tryEnter() ?? wait(signal)
    },
    tryEnter,
    changed,
    get leases() {
      return total
    },
    get waiting() {
      return queue.size
    },
    leasesOf: (epoch) => perEpoch.get(epoch) ?? 0,
    drained(epoch, ms, signal) {
      return new Promise<boolean>((resolve) => {
        const finish = (drained: boolean): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          freeCallbacks.get(epoch)?.delete(onFree)
          resolve(drained)
        }
        const onFree = (): void => finish(true)
        const onAbort = (): void => finish(false)
        const timer = setTimeout(() => finish(false), ms)
        if (signal.aborted) return onAbort()
        signal.addEventListener('abort', onAbort, { once: true })
        whenFree(epoch, onFree)
      })
    },
    whenFree,
    close(reason) {
      for (const waiter of [...queue]) waiter.settle(reason)
    },
  }
}
