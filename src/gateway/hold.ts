/**
 * Until somebody answers: a lease of the slot, in the order of arrival. A client that reads events is told now and then
 * that we are alive; its headers are held back first, so that most refusals still have a status.
 */
import type { Admission, Admitted } from '../yard/admit.ts'
import { enterCounted } from '../yard/enter-counted.ts'
import { outcomeOf } from '../yard/usage.ts'
import type { Yard } from '../yard/yard.ts'
import { begin, type Call } from './call.ts'

export interface Holding {
  readonly yard: Pick<Yard, 'admission' | 'meter'>
  /** Refuse what cannot chat. */
  readonly chatOnly: boolean
  /** Headers are held back so long; after them something is said as often. */
  readonly keepAliveMs: number
}

export interface Found {
  readonly admitted: Admitted
  readonly waitedMs: number
}

/** Throws what the admission throws; that is counted then. */
export async function admit(call: Call, model: string, { yard, chatOnly, keepAliveMs }: Holding): Promise<Found> {
  const { admission, meter } = yard
  const { signal, path: route } = call
  const slot = admission.slotOf(model)
  if (slot !== undefined) return enterCounted({ admission: patient(call, admission, keepAliveMs), meter }, { slot, route, signal })
  try {
    return { admitted: await admission.directly(model, { chatOnly, signal }), waitedMs: 0 }
  } catch (error) {
    meter.refused({ route, outcome: outcomeOf(error, signal) })
    throw error
  }
}

const patient = (call: Call, admission: Admission, keepAliveMs: number): Pick<Admission, 'tryEnter' | 'enter'> => ({
  tryEnter: admission.tryEnter,
  enter: (slot, signal) => patiently(call, keepAliveMs, admission.enter(slot, signal)),
})

async function patiently(call: Call, keepAliveMs: number, entering: Promise<Admitted>): Promise<Admitted> {
  const { response, dialect, streams } = call
  const { keepAlive } = dialect
  if (!streams || keepAlive === undefined) return entering
  const timer = setInterval(() => {
    begin(call, dialect.streamType)
    response.write(keepAlive)
  }, keepAliveMs)
  try {
    const admitted = await entering
    if (response.headersSent) response.write(dialect.comment?.(`model=${encodeURI(admitted.ref)} epoch=${admitted.epoch}`) ?? '')
    return admitted
  } finally {
    clearInterval(timer)
  }
}
