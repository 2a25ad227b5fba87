import { ModelyardError } from '../contract/index.ts'
import type { Admitted } from '../yard/admit.ts'

/** A prompt that is too long, with what to change for this very model; every other error as it is. */
export function withRemedy(error: unknown, { ref, provider }: Pick<Admitted, 'ref' | 'provider'>): unknown {
  if (!ModelyardError.is(error) || error.code !== 'context_length_exceeded') return error
  const larger =
    provider.capabilities.contextLength === 'per-load'
      ? `set a larger context with \`modelyard set ${ref} --ctx N\``
      : `start "${provider.id}" with a larger context`
  return new ModelyardError(error.code, error.message.replace(/[^.!?]$/, '$&.'), {
    hint: `Shorten it, or ${larger}.`,
    details: error.details,
    cause: error,
  })
}
