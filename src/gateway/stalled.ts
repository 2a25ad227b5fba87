/** A client that takes nothing: what waits for it is bounded, and after a while it is cut, for its lease would hold a switch for ever. */
import { once } from 'node:events'
import type { Call } from './call.ts'

/** Cuts it unless it takes what is written by now within the limit. Called again meanwhile it changes nothing. */
export function cutWhenStalled(call: Call): void {
  const { response, stalledMs } = call
  if (call.watched || response.destroyed) return
  call.watched = true
  const cut = setTimeout(() => response.destroy(), stalledMs)
  const rest = (): void => {
    clearTimeout(cut)
    call.watched = false
    response.off('drain', rest).off('finish', rest).off('close', rest)
  }
  response.on('drain', rest).on('finish', rest).on('close', rest)
}

/** Resolves when the client has taken what was written; rejects when it leaves. */
export async function untilTaken(call: Call): Promise<void> {
  cutWhenStalled(call)
  await once(call.response, 'drain', { signal: call.signal })
}
