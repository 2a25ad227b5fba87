import { abortReason, ModelyardError, type ProviderState } from '../../contract/index.ts'
import type { ProbeResult } from '../provider.ts'

/** What a failed probe says of an engine: every failure is a state, only the caller's signal throws. */
export async function probing(signal: AbortSignal, probe: () => Promise<ProbeResult>): Promise<ProbeResult> {
  try {
    return await probe()
  } catch (thrown) {
    if (signal.aborted) throw abortReason(signal)
    const error = ModelyardError.from(thrown)
    return { state: stateOf(error), error: { code: error.code, message: error.message }, hint: error.hint }
  }
}

export function impostor(label: string, baseUrl: string, hint?: string): ProbeResult {
  const message = `What answers at ${baseUrl} is not ${label}.`
  return {
    state: 'impostor',
    error: { code: 'provider_impostor', message },
    hint: hint ?? `Start ${label} there, or correct "baseUrl" in the configuration.`,
  }
}

function stateOf({ code }: ModelyardError): ProviderState {
  if (code === 'provider_unauthorized') return 'unauthorized'
  if (code === 'provider_protocol' || code === 'provider_impostor') return 'impostor'
  if (code === 'provider_busy') return 'starting'
  if (code === 'provider_stopped') return 'stopped'
  if (code === 'provider_not_installed') return 'not_installed'
  return 'unreachable'
}
