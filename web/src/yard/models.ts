/** The models of all engines: read when they changed, engine by engine, and joined with what is loaded and what serves. */
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Instance, Model, ProviderInfo, ProviderOutcome, Slot, Verbs, YardEvent } from '../sdk.ts'

export interface Models {
  /** Undefined until the first list has come. */
  readonly all: ReadonlySignal<readonly Model[] | undefined>
  /** How each engine fared when its models were read last. */
  readonly outcomes: ReadonlySignal<readonly ProviderOutcome[]>
  onEvent(event: YardEvent): void
  /** Reads everything again: after a connection whose history could not be continued. */
  readAll(): Promise<void>
}

interface Known {
  readonly slots: ReadonlySignal<readonly Slot[]>
  readonly providers: ReadonlySignal<readonly ProviderInfo[]>
}

/** `onFailure`: what has changed of an engine could not be read. */
export function createModels(verbs: Pick<Verbs, 'models'>, { slots, providers }: Known, onFailure: (error: unknown) => void): Models {
  const listed = signal<readonly Model[] | undefined>(undefined)
  const outcomes = signal<readonly ProviderOutcome[]>([])
  const turns = new Map<string | undefined, Turn>()
  let readings = 0
  /** Of each engine, which reading its models are from. */
  const readingOf = new Map<string, number>()

  const read = async (provider: string | undefined): Promise<void> => {
    const reading = ++readings
    const answer = await verbs.models.list({ kind: 'all', provider })
    /** Not what was read of an engine by an asking that began later: all engines take longer than one. */
    const isMeant = (id: string): boolean => (provider === undefined || provider === id) && (readingOf.get(id) ?? 0) < reading
    listed.value = [
      ...(listed.value ?? []).filter((one) => !isMeant(one.provider)),
      ...answer.models.filter((one) => isMeant(one.provider)),
    ]
    const fared = answer.providers.filter(({ id }) => isMeant(id))
    outcomes.value = [...outcomes.value.filter(({ id }) => !isMeant(id)), ...fared]
    for (const { id } of fared) readingOf.set(id, reading)
  }
  /** One reading of an engine at a time; what is asked for meanwhile is one more after it. */
  const readInTurn = (provider: string | undefined): Promise<void> => {
    const turn = turns.get(provider)
    if (turn) {
      turn.again = true
      return turn.running
    }
    const made: Turn = { again: false, running: Promise.resolve() }
    turns.set(provider, made)
    made.running = (async () => {
      do {
        made.again = false
        await read(provider).catch((error) => {
          if (!made.again) throw error
        })
      } while (made.again)
    })().finally(() => turns.delete(provider))
    return made.running
  }

  const loadedByRef = computed(() => new Map(providers.value.map((one) => [one.id, loadedOf(one)])))
  const slotsByRef = computed(() => grouped(slots.value, (one) => one.ref ?? ''))
  const joined = new WeakMap<Model, Model>()
  /** The same object as before where nothing of it has changed: only what has is drawn anew. */
  const join = (one: Model): Model => {
    const loaded = loadedByRef.value.get(one.provider)?.get(one.ref) ?? []
    const serves = slotsByRef.value.get(one.ref)?.map(({ slot }) => slot) ?? []
    const before = joined.get(one)
    if (before && sameItems(before.loaded, loaded) && sameItems(before.slots, serves)) return before
    const made = { ...one, loaded: [...loaded], slots: serves }
    joined.set(one, made)
    return made
  }
  let last: readonly Model[] | undefined
  return {
    all: computed(() => {
      const made = listed.value?.map(join)
      if (!made || !last || !sameItems(made, last)) last = made
      return last
    }),
    outcomes,
    onEvent(event) {
      if (event.type === 'models.changed') void readInTurn(event.provider).catch(onFailure)
    },
    readAll: () => readInTurn(undefined),
  }
}

const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((one, at) => one === b[at])

interface Turn {
  again: boolean
  running: Promise<void>
}

function loadedOf(provider: ProviderInfo): Map<string, readonly Instance[]> {
  return grouped(provider.loaded, (one) => one.ref)
}

/** `Map.groupBy`, which the windows of packaged apps may not have yet. */
function grouped<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}
