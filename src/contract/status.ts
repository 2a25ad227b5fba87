import { z } from 'zod'
import { providerInfo } from './provider.ts'
import { slot } from './slot.ts'

export const driftKinds = [
  'provider_down',
  'model_not_loaded',
  'model_missing',
  'foreign_load_options',
  'env_changed',
  'env_unreadable',
] as const

export const drift = z
  .object({
    id: z.string().meta({ description: 'Stays the same as long as the difference does' }),
    kind: z.enum(driftKinds),
    slot: z.string().optional(),
    ref: z.string().optional(),
    provider: z.string().optional(),
    text: z.string(),
    hint: z.string(),
    since: z.iso.datetime(),
  })
  .meta({ id: 'Drift', description: 'A difference between what we believe, what the engine says and what the .env says' })
export type Drift = z.infer<typeof drift>

export const envFileInfo = z.object({
  path: z.string(),
  read: z.boolean().meta({ description: 'It was there and could be read' }),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})

export const status = z
  .object({
    version: z.string(),
    instance: z.string().meta({ description: 'Another one after every start' }),
    startedAt: z.iso.datetime(),
    envFile: envFileInfo,
    home: z.string(),
    library: z.string(),
    providers: z.array(providerInfo),
    slots: z.array(slot),
    jobs: z.object({ running: z.number().int(), waiting: z.number().int() }),
    drift: z.array(drift),
  })
  .meta({ id: 'Status' })
export type Status = z.infer<typeof status>

export const hardware = z
  .object({
    memory: z.object({ total: z.number(), free: z.number() }),
    gpus: z.array(z.object({ name: z.string(), total: z.number().optional(), free: z.number().optional() })),
    volumes: z.array(z.object({ path: z.string(), free: z.number() })),
  })
  .meta({ id: 'Hardware', description: 'Bytes. What cannot be read is absent' })
export type Hardware = z.infer<typeof hardware>

export const finding = z
  .object({
    id: z.string(),
    level: z.enum(['ok', 'info', 'warning', 'error']),
    text: z.string(),
    hint: z.string().optional(),
    fixable: z.boolean(),
    bytes: z.number().optional(),
  })
  .meta({ id: 'Finding' })
export type Finding = z.infer<typeof finding>
