/** What the answers share: the yard, the ways to engines, the limits; and how a lease is taken and given back. */
import { randomUUID } from 'node:crypto'
import { ModelyardError, type Usage } from '../contract/index.ts'
import { type Silence, usualSilence } from '../platform/engine-relay.ts'
import type { Admitted } from '../yard/admit.ts'
import { outcomeOf, type RunningRequest } from '../yard/usage.ts'
import type { Yard } from '../yard/yard.ts'
import type { Call } from './call.ts'
import type { Answering } from './dialect.ts'
import type { EngineDoors } from './engine-doors.ts'
import { admit } from './hold.ts'
import type { Body } from './read-body.ts'

export interface GatewayLimits extends Silence {
  /** Of a body where prompts come, and elsewhere. */
  readonly chatBytes: number
  readonly otherBytes: number
  /** Headers of an event stream are held back so long while nothing serves; then something is said as often. */
  readonly keepAliveMs: number
  /** A client that takes nothing of what waits for it is cut after so long. */
  readonly stalledMs: number
  /** Lists are answered within it, without those who do not answer meanwhile. */
  readonly listMs: number
}

export const usualLimits: GatewayLimits = {
  chatBytes: 64 * 2 ** 20,
  otherBytes: 2 ** 20,
  keepAliveMs: 15_000,
  stalledMs: 600_000,
  listMs: 800,
  ...usualSilence,
}

export interface Workshop {
  readonly yard: Yard
  readonly doors: EngineDoors
  readonly limits: GatewayLimits
}

/** What an answer cost, and what it failed with after it had begun; its client was told. */
export interface Ended {
  readonly usage: Usage
  readonly error?: ModelyardError
}

/** Somebody who answers is found, and the work is counted; the lease is given back whatever happens. Throws what the admission and the work throw. */
export async function withAdmitted(
  { yard, limits }: Workshop,
  call: Call,
  asked: { readonly model: string; readonly chatOnly: boolean },
  work: (admitted: Admitted, running: RunningRequest) => Promise<Ended>,
): Promise<void> {
  const { admitted, waitedMs } = await admit(call, asked.model, { yard, chatOnly: asked.chatOnly, ...limits })
  const { slot, ref } = admitted
  const running = yard.meter.begin({ slot, ref, route: call.path, waitedMs })
  call.admitted = admitted
  try {
    const { usage, error } = await work(admitted, running)
    running.end({ outcome: error ? outcomeOf(error, call.signal) : 'ok', ...usage })
  } catch (error) {
    running.end({ outcome: outcomeOf(error, call.signal) })
    throw error
  } finally {
    admitted.release()
  }
}

/** Which model the client wrote; empty is the default slot. Throws `invalid_request` for what is no text. */
export function askedModel(body: Body): string {
  const model = body.member('model')
  if (model === undefined || model === null) return ''
  if (typeof model === 'string') return model
  throw new ModelyardError('invalid_request', 'Expected a text as "model".', { details: { field: 'model' } })
}

export function answering(admitted: Admitted): Answering {
  const begun = performance.now()
  return { model: admitted.name, id: randomUUID().replaceAll('-', ''), at: Date.now(), clock: () => performance.now() - begun }
}
