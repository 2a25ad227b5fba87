import { ModelyardError } from '../contract/index.ts'
import type { EventQuery } from './types.ts'

/** What a stream of events knows of its connection, told to its reader when it changes. */
export interface ConnectionTeller {
  /** Something came: until now what the reader has is the truth. */
  heard(): void
  /** The reader has the snapshot of this connection. */
  open(): void
  /** Is told of a connection that was open only. */
  lost(error: unknown): void
}

export function connectionTeller(tell: EventQuery['onConnection'], retry: () => void): ConnectionTeller {
  let heardAt = Date.now()
  let isOpen = false
  return {
    heard() {
      heardAt = Date.now()
    },
    open() {
      if (isOpen) return
      isOpen = true
      tell?.({ state: 'open' })
    },
    lost(error) {
      if (!isOpen) return
      isOpen = false
      tell?.({ state: 'lost', since: heardAt, error: ModelyardError.from(error), retry })
    },
  }
}
