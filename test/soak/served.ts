/** Which model each slot served at each epoch, by the events of the service, against what answers said. */
import type { Client } from '../../src/client/index.ts'

export interface Served {
  note(slot: string, epoch: string, ref: string, what: string): void
  end(): Promise<void>
  /** Answers of a model that did not serve. */
  faults(): string[]
}

export function watchServed(client: Client): Served {
  const served = new Map<string, string>()
  const said = new Map<string, string>()
  const stop = new AbortController()
  const watching = (async () => {
    for await (const event of client.events({ signal: stop.signal })) {
      const slots = event.type === 'snapshot' ? event.status.slots : event.type === 'slot.changed' ? [event.slot] : []
      for (const { slot, state, epoch, ref } of slots)
        if (state === 'serving' && ref !== undefined) served.set(`${slot} ${epoch} ${ref}`, ref)
    }
  })().catch((error) => {
    if (!stop.signal.aborted) said.set('', `the events ended: ${String(error)}`)
  })
  return {
    note: (slot, epoch, ref, what) => void said.set(`${slot} ${epoch} ${ref}`, what),
    async end() {
      stop.abort()
      await watching
    },
    faults: () => [...said].filter(([key]) => !served.has(key)).map(([key, what]) => `${what}: nobody knows that "${key}" served`),
  }
}
