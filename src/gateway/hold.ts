/**
 * Until somebody answers: a lease of the slot, in the order of arrival. A client that reads events is told now and then
 * that we are alive; its headers are held back first, so that most refusals still have a status.
 */
import type { Admission, Admitted } from '../yard/admit.ts'
import { begin, type Call } from './call.ts'

export interface Holding {
  /** Headers are held back so long; after them something is said as often. */
  readonly keepAliveMs: number
}

/** Throws what the admission throws. */
export async function admit(
  call: Call,
  model: string,
  { admission, chatOnly, keepAliveMs }: Holding & { readonly admission: Admission; readonly chatOnly: boolean },
): Promise<Admitted> {
  const slot = admission.slotOf(model)
  if (slot === undefined) return admission.directly(model, { chatOnly, signal: call.signal })
  return admission.tryEnter(slot) ?? (await patiently(call, keepAliveMs, admission.enter(slot, call.signal)))
}

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
