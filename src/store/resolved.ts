import type { ConfigFile, EffectiveConfig, EffectiveSlotSettings, ModelConfig, ProviderKind } from '../contract/index.ts'

/** A provider as configured: defaults, file and variables already merged, the key already read. */
export interface ResolvedProvider {
  readonly id: string
  readonly kind: ProviderKind
  readonly enabled: boolean
  /** Without a slash at its end; absent for `embedded`. */
  readonly baseUrl?: string | undefined
  /** Where the address comes from, to name it in a hint, such as `OLLAMA_HOST`. */
  readonly baseUrlFrom?: string | undefined
  readonly apiKey?: string | undefined
  readonly modelsDir?: string | undefined
  readonly lms?: string | undefined
  readonly command?: string | undefined
  readonly threads?: number | undefined
  readonly gpu?: 'auto' | false | 'cuda' | 'vulkan' | 'metal' | undefined
}

export interface ResolvedSlot extends EffectiveSlotSettings {
  readonly envModel?: string | undefined
  readonly envProvider?: string | undefined
}

/** Everything that is decided before the yard is built. Paths are absolute. */
export interface ResolvedSettings {
  readonly host: string
  readonly port: number
  readonly allowRemote: boolean
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly home: string
  readonly library: string
  readonly envFile: string
  readonly configFile: { readonly path: string; readonly read: boolean; readonly config: ConfigFile }
  /** Of `MODELYARD_TOKEN`; absent: the token file's. */
  readonly token?: string | undefined
  readonly providers: readonly ResolvedProvider[]
  readonly slots: ReadonlyMap<string, ResolvedSlot>
  /** By ref. */
  readonly models: ReadonlyMap<string, ModelConfig>
  /** Where each value comes from, for `config show`. */
  readonly sources: EffectiveConfig['settings']
}
