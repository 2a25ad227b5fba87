import type { ConfigFile, EffectiveConfig, EffectiveSlotSettings, ModelConfig } from '../contract/index.ts'
import type { ResolvedProvider } from '../contract/resolved-provider.ts'
import type { Proxies } from '../platform/proxies.ts'

export interface ResolvedSlot extends EffectiveSlotSettings {
  readonly envModel?: string | undefined
  readonly envProvider?: string | undefined
}

export interface ResolvedHub {
  /** Without a slash at its end; it may have a path. */
  readonly endpoint: string
  /** Of a variable. */
  readonly token?: string | undefined
  /** Where `hf auth login` puts one; read when it is needed, so that a later sign-in counts. Absent: it is not wanted. */
  readonly tokenFile?: string | undefined
  /** `HF_HUB_OFFLINE`: nothing is asked. */
  readonly offline: boolean
  /** Of the variables; may hold a password. */
  readonly proxies: Proxies
  /** Where the tools of the Hub keep what they fetched, as their variables say. */
  readonly cacheVariables: Readonly<Record<string, string | undefined>>
  /** Of one file, at most. */
  readonly connections: number
  readonly downloadsAtOnce: number
  /** Of all downloads together; null: no limit. */
  readonly bytesPerSecond: number | null
}

/** Everything that is decided before the yard is built. Paths are absolute. */
export interface ResolvedSettings {
  readonly host: string
  readonly port: number
  readonly allowRemote: boolean
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Origins of apps that may show the page in a frame. */
  readonly frameAncestors: readonly string[]
  readonly home: string
  readonly library: string
  readonly envFile: string
  readonly configFile: { readonly path: string; readonly read: boolean; readonly config: ConfigFile }
  /** Of `MODELYARD_TOKEN`; absent: the token file's. */
  readonly token?: string | undefined
  readonly providers: readonly ResolvedProvider[]
  readonly slots: ReadonlyMap<string, ResolvedSlot>
  readonly hub: ResolvedHub
  /** By ref. */
  readonly models: ReadonlyMap<string, ModelConfig>
  /** Where each value comes from, for `config show`. */
  readonly sources: EffectiveConfig['settings']
}
