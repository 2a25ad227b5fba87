/**
 * Changes of one Ollama, one after the other: in this process in the order of asking, over processes by a lock that the
 * kernel lets go of when its holder dies. It is named by the address, so that whoever speaks to it means the same lock,
 * also where nobody can see its store.
 */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { type KernelLock, waitForLock } from '../../platform/kernel-lock.ts'
import { isLoopbackHost } from '../../platform/loopback.ts'
import { untilAborted } from '../../platform/until-aborted.ts'
import { createTurns } from '../../util/turns.ts'

/** The signal ends the wait; of what has begun it is told by whoever does it. */
export type InChangeTurn = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>

export function createChangeTurns(baseUrl: string): InChangeTurn {
  const { folder, purpose } = changeLock(baseUrl)
  const inTurn = createTurns()
  return async (signal, work) => {
    let began = false
    const mine = inTurn(async () => {
      signal.throwIfAborted()
      const lock = await waitForLock(folder, purpose, signal).catch(unlessAborted(signal))
      began = true
      return work().finally(() => lock?.release())
    })
    return untilAborted(mine, signal).catch((error: unknown) => (began ? mine : Promise.reject(error)))
  }
}

/** Where no lock can be had, this process alone takes turns. */
const unlessAborted = (signal: AbortSignal) => (): KernelLock | undefined => {
  signal.throwIfAborted()
  return undefined
}

/** Every name of this machine means the same Ollama. */
export function changeLock(baseUrl: string): { readonly folder: string; readonly purpose: string } {
  const { hostname, port, protocol } = new URL(baseUrl)
  const place = `${isLoopbackHost(hostname) ? 'here' : `${protocol}//${hostname}`}:${port}`
  return { folder: tmpdir(), purpose: `ollama-${createHash('sha256').update(place).digest('hex').slice(0, 12)}` }
}
