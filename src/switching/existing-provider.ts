import { ModelyardError } from '../contract/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { Directory } from './directory.ts'

/** Throws `provider_not_found`, naming those there are. */
export function existingProvider(directory: Directory, id: string): Provider {
  const provider = directory.provider(id)
  if (provider) return provider
  const ids = directory.providers().map((one) => one.id)
  throw new ModelyardError('provider_not_found', `There is no provider "${id}". There are: ${ids.join(', ') || 'none'}.`, {
    details: { providers: ids },
  })
}
