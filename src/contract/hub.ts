import { z } from 'zod'
import { hubPathLimit, hubPathRules, hubRepoRule, hubRevisionShape, hubSegmentRule, quantizationShape } from './name-rules.ts'

/** One half of a repository's name. */
export const hubSegment = z.string().refine(hubSegmentRule.holds, hubSegmentRule.says)

/** `publisher/name` on the Hub. */
export const hubRepo = z
  .string()
  .max(193)
  .refine(hubRepoRule.holds, hubRepoRule.says)
  .meta({ description: 'A repository on the Hub', example: 'bartowski/Qwen_Qwen3-8B-GGUF' })

const [pathCharacters, pathSegments] = hubPathRules

/** A file inside a repository. */
export const hubPath = z
  .string()
  .min(1)
  .max(hubPathLimit.characters, hubPathLimit.says)
  .refine(pathCharacters.holds, pathCharacters.says)
  .refine(pathSegments.holds, pathSegments.says)
  .meta({ description: 'A file inside a repository', example: 'Qwen3-8B-Q4_K_M.gguf' })

export const hubRevision = z
  .string()
  .regex(hubRevisionShape.shape, hubRevisionShape.says)
  .meta({ description: 'A branch, tag or commit', example: 'main' })

/** A token of the Hub: it becomes a header, so what could break out of one is none. */
export const hubSecret = z.string().regex(/^[\x21-\x7e]{1,512}$/, 'expected at most 512 printable characters without blanks')

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 of 0-9, a-f')

export const quantizationName = z
  .string()
  .regex(quantizationShape.shape, quantizationShape.says)
  .meta({ description: 'A quantization, in any case', example: 'Q4_K_M' })

/** Whether it fits this machine, and the arithmetic. Bytes. */
export const fit = z
  .object({
    verdict: z.enum(['gpu', 'partly', 'memory', 'no', 'unknown']).meta({
      description: '`gpu`: wholly on the GPU; `partly`: on both; `memory`: without a GPU; `no`: not at all',
    }),
    weightsBytes: z.number().optional(),
    contextBytes: z.number().optional().meta({ description: 'The context cache at `contextLength`' }),
    overheadBytes: z.number().optional(),
    neededBytes: z.number().optional(),
    contextLength: z.number().int().optional(),
    freeBytes: z.number().optional().meta({ description: 'Free memory that was reckoned with' }),
    freeGpuBytes: z.number().optional(),
    text: z.string().meta({ description: 'The arithmetic in words' }),
  })
  .meta({ id: 'Fit' })
export type Fit = z.infer<typeof fit>

export const hubFile = z
  .object({
    path: z.string(),
    bytes: z.number(),
    sha256: sha256.optional().meta({ description: 'Absent where the Hub does not give it' }),
  })
  .meta({ id: 'HubFile' })
export type HubFile = z.infer<typeof hubFile>

/** One quantization of a repository: its shards are one. Models of different names may share a quantization. */
export const hubQuantization = z
  .object({
    quantization: z.string().meta({ description: 'Of the file name; `unknown` where it names none' }),
    files: z.array(hubFile).meta({ description: 'In the order of the shards' }),
    bytes: z.number(),
    complete: z.boolean().meta({ description: 'No shard is missing' }),
    fit: fit.optional(),
  })
  .meta({ id: 'HubQuantization' })
export type HubQuantization = z.infer<typeof hubQuantization>

const gated = z.union([z.literal(false), z.enum(['auto', 'manual'])])

export const hubRepository = z
  .object({
    repo: z.string(),
    commit: z.string(),
    url: z.string().meta({ description: 'Its page' }),
    gated,
    licence: z.string().optional(),
    architecture: z.string().optional(),
    contextLength: z.number().int().optional(),
    parameters: z.number().optional(),
    downloads: z.number().optional(),
    likes: z.number().optional(),
    updatedAt: z.string().optional(),
    quantizations: z.array(hubQuantization),
    projectors: z.array(hubFile).meta({ description: 'What lets a model see' }),
    drafts: z.array(hubFile).meta({ description: 'Draft heads for speculative decoding' }),
    recommended: z.string().optional().meta({ description: 'The best quantization that fits, and `recommendation` says why' }),
    recommendation: z.string().optional(),
  })
  .meta({ id: 'HubRepository' })
export type HubRepository = z.infer<typeof hubRepository>

export const hubResult = z
  .object({
    repo: z.string(),
    gated,
    downloads: z.number().optional(),
    likes: z.number().optional(),
    updatedAt: z.string().optional(),
    architecture: z.string().optional(),
    parameters: z.number().optional(),
    contextLength: z.number().int().optional(),
    licence: z.string().optional(),
  })
  .meta({ id: 'HubResult' })
export type HubResult = z.infer<typeof hubResult>

export const catalogEntry = z
  .object({
    id: z.string().meta({ description: 'Such as `qwen3-8b`' }),
    aliases: z.array(z.string()).meta({ description: 'Other names of it, such as `qwen3:8b`' }),
    family: z.string(),
    name: z.string(),
    parameters: z.string().meta({ example: '8.2B' }),
    contextLength: z.number().int(),
    repositories: z.array(hubRepo).min(1).meta({ description: 'The first is taken' }),
    capabilities: z.array(z.enum(['tools', 'vision', 'reasoning', 'embedding', 'code'])),
    licence: z.string(),
    cache: z
      .object({
        layers: z.number().int().positive(),
        headsKv: z.number().int().positive(),
        keyLength: z.number().int().positive(),
        valueLength: z.number().int().positive(),
      })
      .optional()
      .meta({ description: 'The shape of its context cache; absent where it is not of this simple kind' }),
    what: z.string(),
  })
  .meta({ id: 'CatalogEntry' })
export type CatalogEntry = z.infer<typeof catalogEntry>

export const quantizationInfo = z
  .object({
    name: z.string(),
    bitsPerWeight: z.number(),
    quality: z.enum(['reference', 'excellent', 'very good', 'good', 'fair', 'poor']),
    what: z.string(),
  })
  .meta({ id: 'QuantizationInfo' })
export type QuantizationInfo = z.infer<typeof quantizationInfo>

export const catalog = z.object({ entries: z.array(catalogEntry), quantizations: z.array(quantizationInfo) }).meta({ id: 'Catalog' })
export type Catalog = z.infer<typeof catalog>
