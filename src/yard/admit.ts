/** Who answers a request: through a slot with a lease, or directly, and then no slot moves. */
import { type EventInput, joinRef, type LoadOptions, ModelyardError } from '../contract/index.ts'
import { untilAborted } from '../platform/until-aborted.ts'
import type { Provider } from '../providers/provider.ts'
import type { SwitchStore } from '../store/store.ts'
import type { Directory } from '../switching/directory.ts'
import type { Lease } from '../switching/gate.ts'
import type { Target } from '../switching/ports.ts'
import { type Resolved, resolveModel, withoutLatest } from '../switching/resolve.ts'
import type { Switcher } from '../switching/switcher.ts'

/** Who answers one request, and what is given back when it has ended. */
export interface Admitted {
  readonly provider: Provider
  /** The model's name there. */
  readonly name: string
  /** The options it is loaded with. */
  readonly load: LoadOptions
  /** It stays loaded with them, whatever its client writes. */
  readonly held: boolean
  readonly ref: string
  /** Only through a slot. */
  readonly slot?: string
  readonly epoch?: number
  /** Idempotent. */
  readonly release: () => void
}

export interface Admission {
  /** The slot that this text names, with or without `:latest`: empty is `default`. Undefined: it is a ref or a bare name. */
  slotOf(model: string): string | undefined
  /** Without waiting; undefined while the slot lets nobody in. Throws `slot_empty`, `slot_unavailable`. */
  tryEnter(slot: string): Admitted | undefined
  /** In the order of arrival, within the slot's `queueSeconds`. */
  enter(slot: string, signal: AbortSignal): Promise<Admitted>
  /** The model itself, whichever slot points where. Throws `model_not_found` with `details.near`, `model_ambiguous`, `not_a_chat_model`. */
  directly(model: string, options: { readonly chatOnly: boolean; readonly signal: AbortSignal }): Promise<Admitted>
  /**
   * Loads the model again, with its options, where its engine lost it: not while a switch works on that engine. Throws
   * what loading throws.
   */
  revive(admitted: Admitted, signal: AbortSignal): Promise<void>
  /** Tells that this request is tried once more, and why. */
  retried(admitted: Admitted, reason: string): void
}

export interface AdmissionOptions {
  readonly directory: Directory
  readonly store: Pick<SwitchStore, 'loadOptions'>
  readonly switcher: Switcher
  readonly emit: (event: EventInput) => void
  readonly closing: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A name that was found is not looked for again within this time: looking asks every engine for its list. */
const foundMs = 3000
const mostFound = 256
/** Longer than this no request waits for a switch that works on its engine. */
const turnMs = 2000

export function createAdmission({ directory, store, switcher, emit, closing, now }: AdmissionOptions): Admission {
  const found = new Map<string, { readonly resolved: Promise<Resolved>; readonly at: number }>()

  const admitted = (slot: string, { target, epoch, release }: Lease): Admitted => {
    const provider = directory.provider(target.provider)
    if (provider)
      return {
        provider,
        name: target.name,
        load: target.load,
        held: true,
        ref: joinRef(target.provider, target.name),
        slot,
        epoch,
        release,
      }
    release()
    throw new ModelyardError('provider_not_found', `There is no provider "${target.provider}" any more.`)
  }

  /** What a slot points at stays as the slot has loaded it, for whomever it answers. */
  const served = (provider: string, name: string): Target | undefined =>
    switcher
      .slots()
      .map(({ state }) => state.serving?.target)
      .find((target) => target?.provider === provider && target.name === name)

  /** Whoever asks for the same name at the same time shares one look, which nobody who leaves ends. */
  const resolved = (model: string, chatOnly: boolean): Promise<Resolved> => {
    const key = `${chatOnly} ${model}`
    const known = found.get(key)
    if (known && now() - known.at < foundMs) return known.resolved
    const resolving = resolveModel(directory, { model, chatOnly, signal: closing })
    found.delete(key)
    found.set(key, { resolved: resolving, at: now() })
    if (found.size > mostFound) found.delete(found.keys().next().value as string)
    resolving.catch(() => found.get(key)?.resolved === resolving && found.delete(key))
    return resolving
  }

  return {
    slotOf(model) {
      if (model === '') return 'default'
      const name = withoutLatest(model)
      return switcher.has(name) ? name : undefined
    },
    tryEnter(slot) {
      const lease = switcher.tryEnter(slot)
      return lease && admitted(slot, lease)
    },
    enter: async (slot, signal) => admitted(slot, await switcher.enter(slot, signal)),
    async directly(model, { chatOnly, signal }) {
      const { provider, model: one } = await untilAborted(resolved(model, chatOnly), signal)
      const serving = served(provider.id, one.name)
      const load = serving?.load ?? store.loadOptions(provider.id, one.name)
      return {
        provider,
        name: one.name,
        load,
        held: serving !== undefined || Object.keys(load).length > 0,
        ref: joinRef(provider.id, one.name),
        release: () => {},
      }
    },
    async revive({ provider, name, load }, signal) {
      const turn = await switcher.turns.take([provider.id], AbortSignal.any([signal, AbortSignal.timeout(turnMs)]))
      try {
        await provider.load(name, load, { signal })
      } finally {
        turn.end()
      }
    },
    retried: ({ slot, provider }, reason) =>
      emit({ type: 'request.retried', ...(slot !== undefined && { slot }), provider: provider.id, reason }),
  }
}
