import { z } from 'zod'
import { loadOptions } from './model.ts'
import { modelRefOrName, providerId, slotName } from './names.ts'
import { policy } from './slot.ts'

export const outcomes = ['switched', 'already_active', 'rolled_back', 'rejected', 'superseded', 'cancelled', 'degraded'] as const
export const outcome = z.enum(outcomes).meta({
  id: 'Outcome',
  description: '`rejected`: nothing was touched; `degraded`: neither the new nor the old model answers',
})
export type Outcome = z.infer<typeof outcome>

export const switchSteps = [
  'resolve',
  'admit',
  'wait_turn',
  'make_room',
  'drain',
  'unload',
  'load',
  'verify',
  'cut_over',
  'persist',
  'release',
  'roll_back',
] as const
export const switchStep = z.enum(switchSteps).meta({ id: 'SwitchStep' })
export type SwitchStep = z.infer<typeof switchStep>

export const switchRequest = z
  .strictObject({
    model: modelRefOrName,
    provider: providerId.optional(),
    policy: policy.optional(),
    load: loadOptions.optional(),
    wait: z.boolean().optional().meta({ description: 'false: 202 and the id at once' }),
  })
  .meta({ id: 'SwitchRequest' })
export type SwitchRequest = z.infer<typeof switchRequest>

export const verification = z
  .object({
    text: z.string().meta({ description: 'What the model answered, at most 10 tokens' }),
    tokens: z.number().int(),
    reasoning: z.boolean().meta({ description: 'It was still thinking: that counts as an answer' }),
    model: z.string().meta({ description: 'Which model answered, by its own word or by what is loaded' }),
    ms: z.number(),
  })
  .meta({ id: 'Verification' })
export type Verification = z.infer<typeof verification>

export const switchError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()).optional(),
})

export const switchResult = z
  .object({
    id: z.string(),
    slot: slotName,
    outcome,
    from: z.string().optional().meta({ description: 'The ref that served before' }),
    to: z.string().optional().meta({ description: 'The ref that was asked for, once it is known' }),
    ref: z.string().optional().meta({ description: 'The ref that serves now' }),
    epoch: z.number().int(),
    persisted: z.boolean(),
    warnings: z.array(z.string()),
    error: switchError.optional(),
    verification: verification.optional(),
    steps: z.array(z.object({ step: switchStep, ms: z.number() })),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
  })
  .meta({ id: 'SwitchResult' })
export type SwitchResult = z.infer<typeof switchResult>

/** A switch as its history shows it: while it runs, what only its end can say is absent. */
export const switchRecord = switchResult
  .partial({ outcome: true, epoch: true, persisted: true, endedAt: true })
  .meta({ id: 'SwitchRecord' })
export type SwitchRecord = z.infer<typeof switchRecord>
