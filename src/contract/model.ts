import { z } from 'zod'
import { modelName, modelRefOrName, providerId, slotName } from './names.ts'

export const modelKinds = ['chat', 'embedding', 'reranker', 'other'] as const
export const modelKind = z.enum(modelKinds).meta({ id: 'ModelKind', description: 'Only `chat` models can serve a slot' })
export type ModelKind = z.infer<typeof modelKind>

/** Seconds, or `30m`, `1h30m`, `0`; a negative one means for ever. */
export const keepAlive = z
  .union([
    z.number().int().min(-1).max(31_536_000),
    z.string().regex(/^(?:-1|0|-?(?:\d{1,9}(?:ms|s|m|h))+)$/, 'expected such as "30m", "1h30m", "0" or "-1"'),
  ])
  .meta({ description: 'How long a model stays loaded when idle: seconds or such as "30m"; -1 for ever', example: '30m' })

/** Options a model is loaded with; verification and all traffic use the same ones. */
export const loadOptions = z
  .strictObject({
    contextLength: z.number().int().min(4).max(16_777_216).optional().meta({ description: 'Context in tokens' }),
    gpuLayers: z.number().int().min(0).max(10_000).optional().meta({ description: 'Layers on the GPU; 0 is CPU only' }),
    keepAlive: keepAlive.optional(),
  })
  .meta({ id: 'LoadOptions' })
export type LoadOptions = z.infer<typeof loadOptions>

export const instance = z
  .object({
    contextLength: z.number().int().optional(),
    memoryBytes: z.number().optional().meta({ description: 'All memory it takes, GPU included' }),
    gpuBytes: z.number().optional().meta({ description: 'The part of it on a GPU; 0 is CPU only' }),
    expiresAt: z.iso.datetime().optional().meta({ description: 'When its engine will unload it by itself if idle' }),
    loadedBy: z.enum(['us', 'other']),
  })
  .meta({ id: 'Instance', description: 'A model in memory. What the engine does not say is absent.' })
export type Instance = z.infer<typeof instance>

export const modelCapability = z.enum(['completion', 'tools', 'vision', 'reasoning', 'embedding', 'insert', 'audio', 'image'])
export type ModelCapability = z.infer<typeof modelCapability>

export const model = z
  .object({
    ref: z.string(),
    provider: providerId,
    name: z.string(),
    kind: modelKind,
    displayName: z.string().optional(),
    family: z.string().optional(),
    parameters: z.string().optional().meta({ description: 'Size in parameters as the engine words it', example: '8.2B' }),
    quantization: z.string().optional(),
    format: z.string().optional(),
    sizeBytes: z.number().optional(),
    contextLength: z.number().int().optional().meta({ description: 'The longest context it was trained for' }),
    capabilities: z.array(modelCapability),
    load: loadOptions.optional().meta({ description: 'Remembered production options' }),
    loaded: z.array(instance),
    pinned: z.boolean(),
    slots: z.array(slotName),
    modifiedAt: z.iso.datetime({ offset: true }).optional(),
    source: z.object({ repo: z.string(), file: z.string(), sha256: z.string() }).optional(),
    details: z
      .object({
        template: z.string().optional(),
        holders: z.array(z.object({ ref: z.string(), path: z.string().optional(), bytes: z.number() })),
        diskBytes: z.number().meta({ description: 'What it takes on disk, links counted once' }),
        memory: z
          .object({
            weightsBytes: z.number(),
            overheadBytes: z.number().meta({ description: 'Compute buffers and the runtime, estimated' }),
            contextBytesPerToken: z.number().optional().meta({ description: 'Of the context cache; absent: its shape is not known' }),
            assumedContext: z.number().int().meta({ description: 'The context that is reckoned with where no option says one' }),
          })
          .optional()
          .meta({ description: 'What it takes in memory when loaded: `weightsBytes + overheadBytes + context * contextBytesPerToken`' }),
      })
      .optional(),
  })
  .meta({ id: 'Model' })
export type Model = z.infer<typeof model>

export const modelPatch = z
  .strictObject({ load: loadOptions.nullable().optional(), kind: modelKind.optional(), pinned: z.boolean().optional() })
  .meta({ id: 'ModelPatch', description: 'Remembered production options; `load: null` resets them' })
export type ModelPatch = z.infer<typeof modelPatch>

export const modelParams = z.object({ ref: modelRefOrName })
export { modelName }
