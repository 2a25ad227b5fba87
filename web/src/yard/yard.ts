/**
 * What the page knows of the yard, as signals, and the verbs to change it. All of it travels over one WebSocket. A lost
 * connection is made again and goes on after the last event that was seen; only where that cannot be, lists are read anew.
 */
import { batch, type ReadonlySignal, signal } from '@preact/signals'
import {
  type Connection,
  connectionTo,
  type Drift,
  ModelyardError,
  type ProviderInfo,
  type Slot,
  type Status,
  type YardEvent,
} from '../sdk.ts'
import { type ConnectionState, createConnectionSignal } from './connection.ts'
import { foldDrift, foldProviders, foldSlots, foldSwitches, type SwitchView } from './fold.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { createModels, type Models } from './models.ts'

export interface YardView {
  readonly connection: ReadonlySignal<ConnectionState>
  /** Of the newest snapshot; what changes since then is in the signals beside it. */
  readonly status: ReadonlySignal<Status | undefined>
  readonly slots: ReadonlySignal<readonly Slot[]>
  readonly providers: ReadonlySignal<readonly ProviderInfo[]>
  readonly drift: ReadonlySignal<readonly Drift[]>
  readonly switches: ReadonlySignal<readonly SwitchView[]>
  readonly models: Models
  readonly jobs: Jobs
  readonly verbs: Connection
  /** Calls back with every event that comes, after what it changed. Returns what ends it. */
  onEvent(listener: (event: YardEvent) => void): () => void
  /** Tries at once to connect again. */
  retry(): void
  close(): void
}

export interface YardOptions {
  readonly url: string
  readonly token: string
  readonly onError: (error: unknown) => void
}

export function createYard({ url, token, onError }: YardOptions): YardView {
  const verbs = connectionTo({ url, token })
  const connection = createConnectionSignal()
  const status = signal<Status | undefined>(undefined)
  const slots = signal<readonly Slot[]>([])
  const providers = signal<readonly ProviderInfo[]>([])
  const drift = signal<readonly Drift[]>([])
  const switches = signal<readonly SwitchView[]>([])
  const models = createModels(verbs, { slots, providers }, onError)
  const jobs = createJobs(verbs)
  const listeners = new Set<(event: YardEvent) => void>()
  const stop = new AbortController()
  const wake = createWake()

  const readLists = async (): Promise<void> => {
    const past = verbs.switches.list().then((records) => {
      switches.value = records.map((record) => switches.value.find((one) => one.record.id === record.id) ?? { record, steps: [] })
    })
    await Promise.all([models.readAll(), jobs.readAll(), past])
  }
  /** A snapshot that continues nothing: whatever happened before it is only in the lists. */
  const place = { instance: '', continues: false }
  const take = (event: YardEvent): void => {
    if (event.type === 'reset') place.continues = false
    batch(() => {
      if (event.type === 'snapshot') status.value = event.status
      slots.value = foldSlots(slots.value, event)
      providers.value = foldProviders(providers.value, event)
      drift.value = foldDrift(drift.value, event)
      switches.value = foldSwitches(switches.value, event)
      models.onEvent(event)
      jobs.onEvent(event)
    })
    if (event.type === 'snapshot') {
      if (!place.continues || place.instance !== event.status.instance) void readLists().catch(onError)
      place.continues = true
      place.instance = event.status.instance
    }
    for (const listener of listeners) listener(event)
  }
  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        for await (const event of verbs.events({ signal: stop.signal })) {
          connection.open()
          take(event)
        }
      } catch (error) {
        if (ModelyardError.from(error).code === 'unauthorized') return connection.refused(error)
        connection.lost(error)
      }
      place.continues = false
      await wake.orAfter(retryMs, stop.signal)
    }
  }
  void follow()
  return {
    connection: connection.state,
    status,
    slots,
    providers,
    drift,
    switches,
    models,
    jobs,
    verbs,
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    retry: wake.now,
    close() {
      stop.abort()
      void verbs.close()
    },
  }
}
const retryMs = 2000

/** A pause that can be cut short. */
function createWake(): { now(): void; orAfter(ms: number, signal: AbortSignal): Promise<void> } {
  let wake = (): void => {}
  return {
    now: () => wake(),
    orAfter: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done, { once: true })
        wake = done
      }),
  }
}
