import type { ProviderKind } from './provider.ts'

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
