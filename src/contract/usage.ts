/** What requests cost, in numbers: never a word of what was asked or answered. */
import { z } from 'zod'
import { type ErrorCode, errorCodes } from './error-codes.ts'
import { slotName } from './names.ts'

const timing = z.object({ count: z.number().int(), mean: z.number(), max: z.number() })
export type Timing = z.infer<typeof timing>

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]

export const usageSample = z
  .object({
    from: z.iso.datetime().meta({ description: 'When these seconds began' }),
    seconds: z.number().meta({ description: '10; 60 of what is older than an hour' }),
    slot: slotName.optional().meta({ description: 'Absent: of requests that named a model' }),
    ref: z.string().optional().meta({ description: 'Absent: of requests that no model admitted' }),
    requests: z.number().int().meta({ description: 'That ended, however they did' }),
    ok: z.number().int(),
    left: z.number().int().meta({ description: 'The client had gone' }),
    errors: z.partialRecord(z.enum(codes), z.number().int()).meta({ description: 'By code' }),
    promptTokens: z.number().int(),
    completionTokens: z.number().int(),
    firstTokenMs: timing.optional().meta({ description: 'From the admission by a model' }),
    tokensPerSecond: z.number().optional().meta({ description: 'Of one answer, after its first token' }),
    waitMs: timing.optional().meta({ description: 'Of those that had to wait for a model' }),
    leases: z.number().int().meta({ description: 'The most that ran at once' }),
    waiting: z.number().int().meta({ description: 'The most that waited at once' }),
  })
  .meta({ id: 'UsageSample', description: 'The requests of one slot and model in some seconds; where there were none there is no sample' })
export type UsageSample = z.infer<typeof usageSample>

export const usageQuery = z.strictObject({
  since: z.iso.datetime({ offset: true }).optional().meta({ description: 'Samples that began then or later; absent: 24 hours' }),
  slot: slotName.optional(),
})
export type UsageQuery = z.infer<typeof usageQuery>
