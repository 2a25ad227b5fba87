/** Engines whose models are not all in the list, and why. Pure. */
import type { ProviderInfo, ProviderOutcome } from '../../sdk.ts'
import { canStart } from '../../ui/can-start.ts'

export interface Silent {
  readonly id: string
  readonly state: ProviderInfo['state']
  /** In the engine's words. */
  readonly message?: string | undefined
  readonly hint?: string | undefined
  readonly canStart: boolean
}

/** Not there, or switched off: nobody waits for what it would say. */
const absent: readonly ProviderInfo['state'][] = ['not_installed', 'disabled']

export function silentOf(providers: readonly ProviderInfo[], outcomes: readonly ProviderOutcome[]): readonly Silent[] {
  return providers.flatMap(({ id, state, error, hint, capabilities }) => {
    if (absent.includes(state)) return []
    const listing = outcomes.find((one) => one.id === id && one.state === state)?.error
    const why = error ?? listing
    if (state === 'ready' && !why) return []
    return [{ id, state, message: why?.message, hint, canStart: canStart(state, capabilities) }]
  })
}
