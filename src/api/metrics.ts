/** What is going on, as Prometheus reads it. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { HistoryEvent, JobStage } from '../contract/index.ts'
import { countJobs } from '../yard/jobs.ts'
import type { Yard } from '../yard/yard.ts'
import { registerUsage } from './usage-metrics.ts'

export interface Metrics {
  countRequest(route: string, status: number): void
  text(): Promise<{ contentType: string; text: string }>
  close(): void
}

export function createMetrics(yard: Yard): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const requests = new Counter({
    name: 'modelyard_requests_total',
    help: 'Requests to the control API',
    labelNames: ['route', 'status'],
    registers,
  })
  const switches = new Counter({ name: 'modelyard_switches_total', help: 'Ended switches', labelNames: ['slot', 'outcome'], registers })
  const perSlot = (name: string, help: string, value: (slot: ReturnType<Yard['slots']['get']>) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['slot'],
      registers,
      collect() {
        this.reset()
        for (const slot of yard.slots.list()) this.set({ slot: slot.slot }, value(slot))
      },
    })
  perSlot('modelyard_slot_leases', 'Requests that run through the slot', (slot) => slot.leases)
  perSlot('modelyard_slot_waiting', 'Requests that wait at the slot', (slot) => slot.waiting)
  perSlot('modelyard_slot_epoch', 'Cut-overs of the slot since the start', (slot) => slot.epoch)
  perSlot('modelyard_slot_serving', '1 while the slot serves', (slot) => (slot.state === 'serving' ? 1 : 0))
  new Gauge({
    name: 'modelyard_jobs',
    help: 'Jobs that run, and that wait for something',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, jobs] of Object.entries(countJobs(yard.jobs.list()))) this.set({ state }, jobs)
    },
  })
  registerUsage(register, yard.meter)
  const jobs = new Counter({ name: 'modelyard_jobs_total', help: 'Ended jobs', labelNames: ['kind', 'state'], registers })
  const downloaded = new Counter({ name: 'modelyard_downloaded_bytes_total', help: 'Bytes that jobs have downloaded', registers })
  const newBytes = downloadCounter()
  const unlisten = yard.onEvent((event) => {
    if (event.type === 'switch.finished') switches.inc({ slot: event.switch.slot, outcome: event.switch.outcome })
    if (event.type === 'job.finished') jobs.inc({ kind: event.job.kind, state: event.job.state })
    downloaded.inc(newBytes(event))
  })
  return {
    countRequest: (route, status) => requests.inc({ route, status: String(status) }),
    text: async () => ({ contentType: register.contentType, text: await register.metrics() }),
    close: unlisten,
  }
}

/**
 * How many bytes an event tells of that were not told before. What lay there when the download began is not counted,
 * and neither is a block that is fetched again.
 */
function downloadCounter(): (event: HistoryEvent) => number {
  const known = new Map<string, Place>()
  return (event) => {
    if (event.type === 'job.finished') known.delete(event.job.id)
    const now = placeOf(event)
    if (!now) return 0
    const before = known.get(now.id)
    known.set(now.id, { ...now, bytes: Math.max(before?.bytes ?? 0, now.bytes) })
    return before?.stage === 'download' ? Math.max(0, now.bytes - before.bytes) : 0
  }
}

interface Place {
  readonly id: string
  readonly stage: JobStage
  readonly bytes: number
}

function placeOf(event: HistoryEvent): Place | undefined {
  if (event.type === 'job.progress') return { id: event.id, stage: event.stage, bytes: event.bytesDone }
  if (event.type !== 'job.created' && event.type !== 'job.stage') return undefined
  return { id: event.job.id, stage: event.job.stage, bytes: event.job.bytesDone }
}
