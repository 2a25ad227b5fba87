/** What is going on, as Prometheus reads it. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Yard } from '../yard/yard.ts'

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
  const unlisten = yard.onEvent((event) => {
    if (event.type === 'switch.finished') switches.inc({ slot: event.switch.slot, outcome: event.switch.outcome })
  })
  return {
    countRequest: (route, status) => requests.inc({ route, status: String(status) }),
    text: async () => ({ contentType: register.contentType, text: await register.metrics() }),
    close: unlisten,
  }
}
