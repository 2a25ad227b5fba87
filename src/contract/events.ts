import { z } from 'zod'
import { job } from './job.ts'
import { jobStages } from './job-state.ts'
import { providerInfo } from './provider.ts'
import { slot } from './slot.ts'
import { drift, status } from './status.ts'
import { switchRecord, switchResult, switchStep } from './switch.ts'
import { usageSample } from './usage.ts'

const envelope = { seq: z.number().int(), at: z.iso.datetime() }
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) => z.object({ ...envelope, type: z.literal(type), ...shape })

/** Events that say how things are now; they repeat the last `seq` and are kept in no history. */
export const stateEvents = [
  event('snapshot', { status }),
  event('reset', { reason: z.string().meta({ description: 'Why the history cannot be continued from there' }) }),
  event('heartbeat', {}),
] as const

/** Events that say what happened; each has a `seq` of its own. */
export const historyEvents = [
  event('provider.changed', { provider: providerInfo }),
  event('models.changed', { provider: z.string() }),
  event('slot.changed', { slot }),
  event('slot.removed', { slot: z.string() }),
  event('switch.started', { switch: switchRecord }),
  event('switch.step', {
    id: z.string(),
    slot: z.string(),
    to: z.string().optional().meta({ description: 'The ref that was asked for' }),
    step: switchStep,
    state: z.enum(['started', 'progress', 'done', 'failed']),
    ms: z.number().optional(),
    progress: z.number().min(0).max(1).optional(),
    note: z.string().optional(),
  }),
  event('switch.finished', { switch: switchResult }),
  event('job.created', { job }),
  event('job.stage', { id: z.string(), job }),
  event('job.progress', {
    id: z.string(),
    stage: z.enum(jobStages),
    bytesDone: z.number(),
    bytesTotal: z.number().optional(),
    bytesPerSecond: z.number().optional(),
    secondsLeft: z.number().optional(),
    note: z.string().optional(),
  }),
  event('job.finished', { job }),
  event('drift.changed', { drift: z.array(drift) }),
  event('request.retried', {
    slot: z.string().optional(),
    provider: z.string(),
    reason: z.string(),
  }),
  event('usage.sample', { sample: usageSample }),
] as const

export const yardEvent = z
  .discriminatedUnion('type', [...stateEvents, ...historyEvents])
  .meta({ id: 'Event', description: '`seq` rises by one for every event but `snapshot`, `reset` and `heartbeat`' })
export type YardEvent = z.infer<typeof yardEvent>

export const historyEvent = z.discriminatedUnion('type', [...historyEvents])
export type HistoryEvent = z.infer<typeof historyEvent>
export type EventType = YardEvent['type']

type WithoutEnvelope<T> = T extends unknown ? Omit<T, 'seq' | 'at'> : never
/** What a part of the yard emits; the bus gives it `seq` and `at`. */
export type EventInput = WithoutEnvelope<HistoryEvent>
