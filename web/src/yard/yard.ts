/**
 * What the page knows of the yard, as signals, and the verbs to change it. All of it travels over one WebSocket. A lost
 * connection is made again and goes on after the last event that was seen; only where that cannot be, lists are read anew.
 */
import { batch, type ReadonlySignal, signal } from '@preact/signals'
import {
  type Connection,
  connectionTo,
  type Drift,
  growingPauses,
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

export const createYard = ({ url, token, onError }: YardOptions): YardView =>
  yardOver(connectionTo({ url, token }), onError, whenWorthTrying)

/** `watch` calls back when it is worth trying again, until what it returns is called. */
export function yardOver(verbs: Connection, onError: (error: unknown) => void, watch: typeof whenWorthTrying): YardView {
  const connection = signal<ConnectionState>({ state: 'connecting' })
  const status = signal<Status | undefined>(undefined)
  const slots = signal<readonly Slot[]>([])
  const providers = signal<readonly ProviderInfo[]>([])
  const drift = signal<readonly Drift[]>([])
  const switches = signal<readonly SwitchView[]>([])
  const jobs = createJobs(verbs)
  const listeners = new Set<(event: YardEvent) => void>()
  const stop = new AbortController()

  /** For each reading of the history that is under way, what began since it was asked. */
  const readings = new Set<Set<string>>()
  const readSwitches = async (): Promise<void> => {
    const begun = new Set<string>()
    readings.add(begun)
    try {
      const records = await verbs.switches.list()
      switches.value = listedSwitches(switches.value, records, begun)
    } finally {
      readings.delete(begun)
    }
  }
  /** The newest reading of all lists; it goes on until it has succeeded, for no event says again what they say. */
  let reading = 0
  const readLists = async (): Promise<void> => {
    const own = ++reading
    const attempts = growingPauses()
    while (own === reading && !stop.signal.aborted && connection.value.state !== 'refused') {
      try {
        await Promise.all([models.readAll(), jobs.readAll(), readSwitches()])
        return
      } catch (error) {
        onError(error)
        await attempts.pause(stop.signal)
      }
    }
  }
  const models = createModels(verbs, { slots, providers }, (error) => {
    onError(error)
    void readLists()
  })
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
    if (event.type === 'switch.started') for (const begun of readings) begun.add(event.switch.id)
    if (event.type === 'snapshot') {
      if (!place.continues || place.instance !== event.status.instance) void readLists()
      place.continues = true
      place.instance = event.status.instance
    }
    for (const listener of listeners) listener(event)
  }
  const attempts = growingPauses()
  const onConnection = (state: ConnectionState): void => {
    connection.value = state
    if (state.state === 'open') attempts.succeeded()
  }
  /** Only the first connection is tried again here; a later one is by the client. */
  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        place.continues = false
        for await (const event of verbs.events({ signal: stop.signal, onConnection })) take(event)
      } catch (caught) {
        const error = ModelyardError.from(caught)
        if (error.code === 'unauthorized') return onConnection({ state: 'refused', error })
        const { value: before } = connection
        onConnection({ state: 'lost', since: before.state === 'lost' ? before.since : Date.now(), error, retry: attempts.hurry })
      }
      await attempts.pause(stop.signal)
    }
  }
  const retry = (): void => {
    if (connection.value.state === 'lost') connection.value.retry()
  }
  const unwatch = watch(retry)
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
