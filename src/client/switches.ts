import { ModelyardError, type SwitchRecord, type SwitchResult } from '../contract/index.ts'
import { expectOk } from './errors.ts'
import { waitAtMost } from './pause.ts'
import { callOf, type Reply, type Transport } from './transport.ts'
import type { Cancellable, RunningSwitch, SwitchOptions } from './types.ts'
import { type SwitchWatch, watchSwitches } from './watch-switches.ts'

/** How long to wait for the event stream before switching without having it, and for its last event at the end. */
const patienceMs = 1000
/** Events say when to look; this is how often we look without them. */
const lookEveryMs = 2000
/** How long the service may be away in the middle of a switch (a restart finishes its journal) before we give up. */
const awayMs = 10_000
/** A service that takes longer than this to say that a switch has begun is not there. */
const beginMs = 30_000

/** Begins a switch and follows it; the record at the service is the truth, events only say when to read it. */
export async function startSwitch(transport: Transport, slot: string, model: string, options: SwitchOptions): Promise<RunningSwitch> {
  const { provider, policy, load, onEvent } = options
  const watch = watchSwitches(transport, slot, onEvent)
  try {
    await waitAtMost(patienceMs, watch.ready)
    const body = { model, provider, policy, load, wait: false }
    const reply = await transport.send(callOf('switch', { params: { slot }, body, signal: AbortSignal.timeout(beginMs) }))
    const early = endedIn(reply)
    const id = early?.id ?? expectOk<{ id: string }>(reply).id
    watch.follow(id)
    const result = early ? Promise.resolve(early) : waitForEnd(transport, id, watch)
    result.then(watch.stop, watch.stop)
    return { id, result }
  } catch (error) {
    watch.stop()
    throw error
  }
}

/** Waits for the end. An abort cancels at the service, then waits on for what became of it. */
export async function switchAndWait(transport: Transport, slot: string, model: string, options: SwitchOptions = {}): Promise<SwitchResult> {
  const { signal } = options
  if (signal?.aborted) throw new ModelyardError('cancelled', 'The switch was cancelled before it began.', { cause: signal.reason })
  const { id, result } = await startSwitch(transport, slot, model, options)
  // A refused or failed cancel changes nothing: the result says what happened.
  const cancel = (): void => void cancelSwitch(transport, id).catch(() => {})
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    return await result
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

export async function getSwitch(transport: Transport, id: string, { signal }: Cancellable = {}): Promise<SwitchRecord> {
  return expectOk(await transport.send(callOf('showSwitch', { params: { id }, signal })))
}

export async function cancelSwitch(transport: Transport, id: string, { signal }: Cancellable = {}): Promise<SwitchRecord> {
  const reply = await transport.send(callOf('cancelSwitch', { params: { id }, signal }))
  return endedIn(reply) ?? expectOk(reply)
}

async function waitForEnd(transport: Transport, id: string, watch: SwitchWatch): Promise<SwitchResult> {
  for (let lastSeen = Date.now(); ; ) {
    const news = watch.news()
    try {
      const record = await getSwitch(transport, id)
      if (isEnded(record)) {
        await waitAtMost(patienceMs, watch.told)
        return record
      }
      lastSeen = Date.now()
    } catch (error) {
      if (!isAway(error) || Date.now() - lastSeen > awayMs) throw error
    }
    await waitAtMost(lookEveryMs, news)
  }
}

/** A reply that is itself the end of a switch, whatever its status. */
function endedIn({ body }: Reply): SwitchResult | undefined {
  const record = body as Partial<SwitchRecord> | null | undefined
  return typeof record === 'object' && record !== null && isEnded(record) ? record : undefined
}

function isEnded(record: Partial<SwitchRecord>): record is SwitchResult {
  return typeof record.id === 'string' && record.outcome !== undefined && record.endedAt !== undefined
}

const isAway = (error: unknown): boolean => ModelyardError.is(error) && error.code === 'service_unreachable'
