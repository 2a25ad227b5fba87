import { z } from 'zod'
import { providerId, slotName } from './names.ts'

export const policies = ['auto', 'overlap', 'replace', 'exclusive'] as const
export const policy = z.enum(policies).meta({
  id: 'Policy',
  description:
    '`overlap`: load beside the old model, nobody waits; `replace`: unload the old one first, requests wait; ' +
    '`auto`: overlap when memory is known and fits with 10 % to spare, else replace; ' +
    '`exclusive`: like replace, and unload what others loaded in that engine',
})
export type Policy = z.infer<typeof policy>

export const restoreMode = z.enum(['eager', 'lazy']).meta({
  id: 'RestoreMode',
  description: '`eager` loads and verifies at start, `lazy` at the first request',
})
export type RestoreMode = z.infer<typeof restoreMode>

export const slotSettings = z
  .strictObject({
    policy: policy.optional(),
    restore: restoreMode.optional(),
    queueSeconds: z.number().min(0).max(86_400).optional().meta({ description: 'How long a request may wait while nothing serves' }),
    drainSeconds: z.number().min(0).max(86_400).optional().meta({ description: 'How long `replace` waits for running requests' }),
    maxRequests: z.number().int().min(1).max(100_000).nullable().optional(),
  })
  .meta({ id: 'SlotSettings' })
export type SlotSettings = z.infer<typeof slotSettings>

export interface EffectiveSlotSettings {
  policy: Policy
  restore: RestoreMode
  queueSeconds: number
  drainSeconds: number
  maxRequests: number | null
}

export const slotDefaults: EffectiveSlotSettings = {
  policy: 'auto',
  restore: 'eager',
  queueSeconds: 300,
  drainSeconds: 60,
  maxRequests: null,
}

export const slotStates = ['empty', 'switching', 'serving', 'unverified', 'degraded'] as const
export const slotState = z.enum(slotStates).meta({
  id: 'SlotState',
  description:
    '`switching`: nothing has served yet, or the old model was unloaded, and one is being brought up; ' +
    '`unverified`: a choice is known but has not answered; `degraded`: neither the new nor the old model answers',
})
export type SlotState = z.infer<typeof slotState>

export const slot = z
  .object({
    slot: slotName,
    model: z.string().optional(),
    provider: providerId.optional(),
    ref: z.string().optional(),
    state: slotState,
    idle: z.boolean().optional().meta({ description: 'Serving, but unloaded by its engine until the next request' }),
    since: z.iso.datetime().optional(),
    verifiedAt: z.iso.datetime().optional(),
    leases: z.number().int(),
    waiting: z.number().int(),
    policy,
    epoch: z.number().int(),
    reason: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
    switching: z.string().optional().meta({ description: 'Id of the switch that runs' }),
    restore: restoreMode,
    queueSeconds: z.number(),
    drainSeconds: z.number(),
    maxRequests: z.number().int().nullable(),
  })
  .meta({ id: 'Slot' })
export type Slot = z.infer<typeof slot>
