import { z } from 'zod'
import { loadOptions, modelKind } from './model.ts'
import { envKey, modelRefOrName, providerId, slotName } from './names.ts'
import { providerKind } from './provider.ts'
import { slotSettings } from './slot.ts'

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
  .refine(
    (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''),
    'put no user or password into the URL; name a variable as "apiKeyEnv"',
  )

export const providerConfig = z
  .strictObject({
    kind: providerKind.optional().meta({ description: 'Needed for an id that is not a default one' }),
    enabled: z.boolean().optional(),
    baseUrl: httpUrl.optional(),
    apiKeyEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,127}$/)
      .optional()
      .meta({ description: 'Name of the variable that holds the key' }),
    modelsDir: z.string().min(1).optional().meta({ description: 'Where the engine keeps its models' }),
    lms: z.string().min(1).optional().meta({ description: 'Path of the lms command (lmstudio)' }),
    command: z.string().min(1).optional().meta({ description: "Path of the engine's own command, such as ollama" }),
    threads: z.number().int().min(1).max(1024).optional().meta({ description: 'Threads (embedded)' }),
    gpu: z
      .union([z.literal('auto'), z.literal(false), z.enum(['cuda', 'vulkan', 'metal'])])
      .optional()
      .meta({ description: 'GPU (embedded)' }),
  })
  .meta({ id: 'ProviderConfig' })
export type ProviderConfig = z.infer<typeof providerConfig>

export const slotConfig = slotSettings.extend({ envModel: envKey.optional(), envProvider: envKey.optional() }).meta({ id: 'SlotConfig' })
export type SlotConfig = z.infer<typeof slotConfig>

export const modelConfig = z.strictObject({ load: loadOptions.optional(), kind: modelKind.optional(), pinned: z.boolean().optional() })
export type ModelConfig = z.infer<typeof modelConfig>

/** It becomes a part of a security policy, so it can be nothing but a scheme, a name and a port. */
const frameAncestor = z
  .string()
  .regex(
    /^[a-z][a-z0-9+.-]{0,31}:\/\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?$/,
    'expected an exact origin such as http://localhost:5173, in lower case',
  )

/** `modelyard.config.jsonc`. Read at start, never written by us. */
export const configFile = z
  .strictObject({
    $schema: z.string().optional(),
    providers: z.record(providerId, providerConfig).optional(),
    slots: z.record(slotName, slotConfig).optional(),
    models: z.record(modelRefOrName, modelConfig).optional(),
    hub: z
      .strictObject({
        endpoint: httpUrl.optional(),
        connections: z.number().int().min(1).max(64).optional(),
        downloadsAtOnce: z.number().int().min(1).max(32).optional(),
        bytesPerSecond: z.number().int().min(1024).nullable().optional(),
      })
      .optional(),
    http: z
      .strictObject({
        allowedOrigins: z.array(z.string().min(1)).optional(),
        allowedHosts: z.array(z.string().min(1)).optional(),
        frameAncestors: z
          .array(frameAncestor)
          .max(16)
          .optional()
          .meta({ description: 'Origins of apps that may show the page in a frame' }),
      })
      .optional(),
  })
  .meta({ id: 'Configuration', title: 'modelyard.config.jsonc' })
export type ConfigFile = z.infer<typeof configFile>

/** Ids that exist without any configuration, in the order in which a bare name prefers them. */
export const defaultProviders = {
  ollama: { kind: 'ollama', baseUrl: 'http://127.0.0.1:11434' },
  lmstudio: { kind: 'lmstudio', baseUrl: 'http://127.0.0.1:1234' },
  llamacpp: { kind: 'llamacpp', baseUrl: 'http://127.0.0.1:8080' },
  embedded: { kind: 'embedded' },
} as const satisfies Record<string, ProviderConfig>

export const defaultEnvKeys = { envModel: 'MODELYARD_MODEL', envProvider: 'MODELYARD_PROVIDER' } as const
