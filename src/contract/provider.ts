import { z } from 'zod'
import { instance } from './model.ts'
import { providerId } from './names.ts'

export const providerKinds = ['ollama', 'lmstudio', 'llamacpp', 'openai-compatible', 'embedded'] as const
export const providerKind = z.enum(providerKinds).meta({ id: 'ProviderKind' })
export type ProviderKind = z.infer<typeof providerKind>

export const providerStates = [
  'ready',
  'starting',
  'stopped',
  'unreachable',
  'not_installed',
  'impostor',
  'unauthorized',
  'disabled',
] as const
export const providerState = z.enum(providerStates).meta({
  id: 'ProviderState',
  description: '`stopped`: installed, its server does not run; `impostor`: something answers, but is not that kind',
})
export type ProviderState = z.infer<typeof providerState>

/** What a provider can do, as data; callers ask this and never the kind. */
export const capabilities = z
  .object({
    load: z.enum(['blocking', 'polled', 'lazy', 'none']).meta({
      description: '`blocking` answers when loaded, `polled` at once, `lazy` only by a request, `none` not at all',
    }),
    loadProgress: z.boolean(),
    unload: z.enum(['sync', 'async', 'none']),
    loadedState: z.boolean().meta({ description: 'It can say what is in memory' }),
    reportsMemory: z.boolean(),
    contextLength: z.enum(['per-load', 'fixed']),
    gpuLayers: z.boolean(),
    keepAlive: z.boolean(),
    multipleModels: z.boolean().meta({ description: 'Several models can be in memory at once' }),
    namesAnsweringModel: z.boolean().meta({ description: 'Its answers say truly which model gave them' }),
    pull: z.boolean(),
    import: z.enum(['api', 'place-file', 'none']),
    remove: z.enum(['api', 'files', 'none']),
    start: z.boolean().meta({ description: 'We know a command that starts its server' }),
  })
  .meta({ id: 'Capabilities' })
export type Capabilities = z.infer<typeof capabilities>

export const providerError = z.object({ code: z.string(), message: z.string() })

export const loadedModel = instance.extend({ ref: z.string(), name: z.string() }).meta({ id: 'LoadedModel' })
export type LoadedModel = z.infer<typeof loadedModel>

export const providerInfo = z
  .object({
    id: providerId,
    kind: providerKind,
    baseUrl: z.string().optional(),
    state: providerState,
    version: z.string().optional(),
    capabilities,
    loaded: z.array(loadedModel),
    error: providerError.optional(),
    hint: z.string().optional(),
  })
  .meta({ id: 'Provider' })
export type ProviderInfo = z.infer<typeof providerInfo>

/** How one provider fared when a list was made. */
export const providerOutcome = z
  .object({ id: providerId, state: providerState, error: providerError.optional() })
  .meta({ id: 'ProviderOutcome' })
export type ProviderOutcome = z.infer<typeof providerOutcome>
