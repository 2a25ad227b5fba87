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
import { type ConnectionState, whenWorthTrying } from './connection.ts'
import { foldDrift, foldProviders, foldSlots, foldSwitches, listedSwitches, type SwitchView } from './fold.ts'
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
  const connection = signal<ConnectionState>({ state: 'connecting' })
  const status = signal<Status | undefined>(undefined)
  const slots = signal<readonly Slot[]>([])
  const providers = signal<readonly ProviderInfo[]>([])
  const drift = signal<readonly Drift[]>([])
  const switches = signal<readonly SwitchView[]>([])
  const models = createModels(verbs, { slots, providers }, onError)
  const jobs = createJobs(verbs)
  const listeners = new Set<(event: YardEvent) => void>()
  const stop = new AbortController()

  const readLists = async (): Promise<void> => {
    const past = verbs.switches.list().then((records) => {
      switches.value = listedSwitches(switches.value, records)
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
  const onConnection = (state: ConnectionState): void => {
    connection.value = state
  }
  /** Only the first connection is tried again here; a later one is by the client. */
  const follow = async (): Promise<void> => {
    const attempts = createAttempts(stop.signal)
    while (!stop.signal.aborted) {
      try {
        for await (const event of verbs.events({ signal: stop.signal, onConnection })) take(event)
      } catch (caught) {
        const error = ModelyardError.from(caught)
        if (error.code === 'unauthorized') return onConnection({ state: 'refused', error })
        onConnection({ state: 'lost', since: Date.now(), error, retry: attempts.now })
      }
      await attempts.pause()
    }
  }
  const retry = (): void => {
    if (connection.value.state === 'lost') connection.value.retry()
  }
  const unwatch = whenWorthTrying(retry)
  void follow()
  return {
    connection,
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
    retry,
    close() {
      stop.abort()
      unwatch()
      void verbs.close()
    },
  }
}
const retryMs = 2000

/** Pauses that can be cut short. */
function createAttempts(signal: AbortSignal): { now(): void; pause(): Promise<void> } {
  let go = (): void => {}
  return {
    now: () => go(),
    pause: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => go(), retryMs)
        go = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', go)
          resolve()
        }
        if (signal.aborted) go()
        else signal.addEventListener('abort', go, { once: true })
      }),
  }
}
