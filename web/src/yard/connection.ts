/** Whether what is shown is true now, and since when it is not. */
import type { ConnectionState as Followed, ModelyardError } from '../sdk.ts'

export type ConnectionState =
  | { readonly state: 'connecting' }
  /** Trying again by itself; `since`, in milliseconds: what is shown was true then. `retry` tries now. */
  | Followed
  /** The token opens nothing: trying again would not help. */
  | { readonly state: 'refused'; readonly error: ModelyardError }

/** Calls back when the browser has a reason to believe that the service is there again. Returns what ends it. */
export function whenWorthTrying(callback: () => void): () => void {
  const ifSeen = (): void => {
    if (document.visibilityState === 'visible') callback()
  }
  globalThis.addEventListener('online', callback)
  document.addEventListener('visibilitychange', ifSeen)
  return () => {
    globalThis.removeEventListener('online', callback)
    document.removeEventListener('visibilitychange', ifSeen)
  }
}
