/** Whether what is shown is true now, and since when it is not. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { ModelyardError } from '../sdk.ts'

export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** Trying again by itself. */
  | { readonly state: 'lost'; readonly since: number; readonly error: ModelyardError }
  /** The token opens nothing: trying again would not help. */
  | { readonly state: 'refused'; readonly error: ModelyardError }

export interface ConnectionSignal {
  readonly state: ReadonlySignal<ConnectionState>
  open(): void
  lost(error: unknown): void
  refused(error: unknown): void
}

export function createConnectionSignal(now: () => number = Date.now): ConnectionSignal {
  const state = signal<ConnectionState>({ state: 'connecting' })
  return {
    state,
    open: () => {
      if (state.value.state !== 'open') state.value = { state: 'open' }
    },
    lost(error) {
      const { value } = state
      const since = value.state === 'lost' ? value.since : now()
      state.value = { state: 'lost', since, error: ModelyardError.from(error) }
    },
    refused(error) {
      state.value = { state: 'refused', error: ModelyardError.from(error) }
    },
  }
}
