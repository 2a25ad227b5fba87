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

export function createModels(verbs: Verbs, { slots, providers }: Known, onError: (error: unknown) => void): Models {
  const listed = signal<readonly Model[] | undefined>(undefined)
  const outcomes = signal<readonly ProviderOutcome[]>([])
  const turns = new Map<string | undefined, Turn>()

  const read = async (provider: string | undefined): Promise<void> => {
    const answer = await verbs.models.list({ kind: 'all', provider })
    const own = (one: Model): boolean => provider === undefined || one.provider === provider
    listed.value = [...(listed.value ?? []).filter((one) => !own(one)), ...answer.models]
    const others = outcomes.value.filter((one) => !answer.providers.some(({ id }) => id === one.id))
    outcomes.value = provider === undefined ? answer.providers : [...others, ...answer.providers]
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
        await read(provider)
      } while (made.again)
    })().finally(() => turns.delete(provider))
    return made.running
  }

  const loadedByRef = computed(() => new Map(providers.value.map((one) => [one.id, loadedOf(one)])))
  const slotsByRef = computed(() => Map.groupBy(slots.value, (one) => one.ref ?? ''))
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
      if (event.type === 'models.changed') void readInTurn(event.provider).catch(onError)
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
  return Map.groupBy(provider.loaded, (one) => one.ref)
}
