/** The only file that names every kind of provider. */
import { type Capabilities, ModelyardError, type ProviderKind } from '../contract/index.ts'
import type { ResolvedProvider } from '../contract/resolved-provider.ts'
import { createEmbedded } from './embedded/index.ts'
import { createLlamaCpp } from './llamacpp/index.ts'
import { createLmStudio } from './lmstudio/index.ts'
import { createOllama } from './ollama/index.ts'
import { createOpenAiCompatible } from './openai-compatible/index.ts'
import type { Provider } from './provider.ts'
import { withOwnAddressGuard } from './with-own-address-guard.ts'
import { withTimeLimit } from './with-time-limit.ts'

export interface ProviderContext {
  /** Is this address one that we listen on? */
  readonly isOurs: (url: URL) => boolean
  /** Folder of GGUF files. */
  readonly library: string
  readonly home: string
  /** Did our library put the file with this real path there? */
  readonly isOurFile?: ((path: string) => Promise<boolean>) | undefined
  readonly log: (message: string, error?: unknown) => void
}

const makers: Record<ProviderKind, (config: ResolvedProvider, context: ProviderContext) => Provider> = {
  ollama: (config, { library }) => createOllama(config, undefined, { library }),
  lmstudio: (config, { library, log }) => createLmStudio(config, { library, log }),
  llamacpp: (config, { library }) => createLlamaCpp(config, { library }),
  'openai-compatible': (config) => createOpenAiCompatible(config),
  embedded: createEmbedded,
}

/** In the order of the configuration. */
export function createProviders(configs: readonly ResolvedProvider[], context: ProviderContext): Provider[] {
  return configs.map((config) => {
    if (!config.enabled) return disabled(config)
    const provider = makers[config.kind](config, context)
    return withTimeLimit(withOwnAddressGuard(provider, config, context.isOurs))
  })
}

const none: Capabilities = {
  load: 'none',
  loadProgress: false,
  unload: 'none',
  loadedState: false,
  reportsMemory: false,
  contextLength: 'fixed',
  gpuLayers: false,
  keepAlive: false,
  multipleModels: false,
  namesAnsweringModel: false,
  pull: false,
  import: 'none',
  remove: 'none',
  start: false,
}

/** Switched off in the configuration: shown, never asked. */
function disabled({ id, kind, baseUrl }: ResolvedProvider): Provider {
  const refuse = async (): Promise<never> => {
    throw new ModelyardError('provider_unreachable', `The provider "${id}" is switched off.`, {
      hint: 'Set "enabled" in the configuration.',
      retryable: false,
    })
  }
  return {
    id,
    kind,
    baseUrl,
    capabilities: none,
    dialects: () => [],
    probe: async () => ({ state: 'disabled', hint: 'Set "enabled" in the configuration.' }),
    list: async () => [],
    loaded: async () => [],
    show: refuse,
    load: refuse,
    unload: refuse,
    // biome-ignore lint/correctness/useYield: it refuses before the first part
    async *chat() {
      await refuse()
    },
    sameModel: (a, b) => a === b,
    close: async () => {},
  }
}
