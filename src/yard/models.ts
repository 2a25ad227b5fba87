/** The models over all providers: listed, shown, remembered, loaded and unloaded by hand. */
import {
  type EventInput,
  joinRef,
  type LoadOptions,
  type Model,
  ModelyardError,
  modelPatch,
  type ProviderOutcome,
  type ProviderState,
} from '../contract/index.ts'
import type { FileHashes, LibraryStore } from '../library/library-store.ts'
import { inSlices } from '../platform/slices.ts'
import type { ListedModel, LoadedInstance, ModelDetails, Provider } from '../providers/provider.ts'
import type { ChangeLog } from '../store/change-log.ts'
import type { Store } from '../store/store.ts'
import type { Directory } from '../switching/directory.ts'
import { existingProvider } from '../switching/existing-provider.ts'
import { type Resolved, resolveModel } from '../switching/resolve.ts'
import type { Switcher } from '../switching/switcher.ts'
import { loadedModelOf } from '../watching/picture.ts'
import type { Watcher } from '../watching/watcher.ts'
import { holdersOf } from './holders.ts'
import { viewModel, withDetails } from './model-view.ts'
import { removeModel } from './remove-model.ts'
import type { Cancellable, Yard } from './yard.ts'

export interface ModelsOptions {
  readonly directory: Directory
  readonly store: Store
  readonly switcher: Switcher
  readonly watcher: Watcher
  /** What is known of files, where it is kept. */
  readonly library?: Pick<LibraryStore, 'at'> | undefined
  readonly hashes?: Pick<FileHashes, 'known'> | undefined
  /** Told of what was removed. */
  readonly changes: ChangeLog
  readonly emit: (event: EventInput) => void
  readonly closing: AbortSignal
}

export function createModels(options: ModelsOptions): Yard['models'] {
  const { directory, store, switcher, watcher, changes, emit, closing } = options
  const signalOf = ({ signal }: Cancellable = {}): AbortSignal => (signal ? AbortSignal.any([signal, closing]) : closing)

  const slotsOf = (provider: string, name: string): string[] =>
    switcher
      .slots()
      .filter(({ state, remembered }) => {
        const target = state.serving?.target ?? state.choice ?? remembered
        return target?.provider === provider && target.name === name
      })
      .map((slot) => slot.name)

  const view = (provider: Provider, model: ListedModel, loaded: readonly LoadedInstance[]): Model =>
    viewModel({
      provider,
      model,
      loaded,
      remembered: store.models.get(joinRef(provider.id, model.name)),
      slots: slotsOf(provider.id, model.name),
    })

  const listOne = async (
    provider: Provider,
    signal: AbortSignal,
    withinMs: number | undefined,
  ): Promise<{ models: Model[]; outcome: ProviderOutcome }> => {
    const soon = withinMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    try {
      const [models, loaded] = await Promise.all([provider.list(soon), inMemory(provider, watcher, soon)])
      return { models: await inPieces(models, (model) => view(provider, model, loaded)), outcome: { id: provider.id, state: 'ready' } }
    } catch (error) {
      if (signal.aborted) throw error
      return { models: [], outcome: outcomeOf(provider, ModelyardError.from(error), watcher) }
    }
  }

  const find = (ref: string, signal: AbortSignal): Promise<Resolved> => resolveModel(directory, { model: ref, chatOnly: false, signal })

  const get = async (ref: string, cancel?: Cancellable): Promise<Model> => {
    const signal = signalOf(cancel)
    const { provider, model } = await find(ref, signal)
    const [details, loaded] = await Promise.all([provider.show(model.name, signal), inMemory(provider, watcher, signal)])
    const { library, hashes } = options
    const held = await holdersOf(details, provider, { providers: directory.providers(), library, hashes }, signal)
    const whole = { ...model, ...definedIn(details), name: model.name }
    return withDetails(view(provider, whole, loaded), whole, held)
  }

  return {
    async list(query = {}) {
      const asked = query.provider === undefined ? directory.providers() : [existingProvider(directory, query.provider)]
      const answers = await Promise.all(asked.map((provider) => listOne(provider, signalOf(query), query.withinMs)))
      const all = answers.flatMap((answer) => answer.models)
      return {
        models: query.kind === 'all' ? all : all.filter((one) => one.kind === 'chat'),
        providers: answers.map((answer) => answer.outcome),
      }
    },
    get,
    async update(ref, patch, cancel) {
      const checked = modelPatch.safeParse(patch)
      if (!checked.success) throw new ModelyardError('invalid_request', `The change is not valid: ${checked.error.issues[0]?.message}.`)
      const { provider, model } = await find(ref, signalOf(cancel))
      await store.models.patch(joinRef(provider.id, model.name), checked.data)
      emit({ type: 'models.changed', provider: provider.id })
      return get(joinRef(provider.id, model.name), cancel)
    },
    async load(ref, load, cancel) {
      const signal = signalOf(cancel)
      const { provider, model } = await find(ref, signal)
      const wanted: LoadOptions = { ...store.loadOptions(provider.id, model.name), ...load }
      const instance = await inTurn(options, provider, signal, () =>
        provider.load(model.name, wanted, { signal, sizeBytes: model.sizeBytes }),
      )
      watcher.poke(provider.id)
      return loadedModelOf(provider.id, { ...instance, name: model.name })
    },
    async unload(ref, cancel) {
      const signal = signalOf(cancel)
      const { provider, model } = await find(ref, signal)
      await inTurn(options, provider, signal, () => provider.unload({ name: model.name }, signal))
      watcher.poke(provider.id)
      return view(provider, model, await provider.loaded(signal))
    },
    async remove(ref, wanted = {}) {
      const changed = (id: string): void => watcher.poke(id)
      const context = { directory, switcher, forget: store.models.forget, changed, signal: signalOf(wanted) }
      const { dryRun, ...done } = await removeModel(context, ref, wanted)
      if (!dryRun) await changes.note('remove', done)
      return { ...done, dryRun }
    },
  }
}

/** Ten thousand of them hold nobody up. */
async function inPieces<T, U>(all: readonly T[], make: (one: T) => U): Promise<U[]> {
  const pause = inSlices()
  const made: U[] = []
  for (const one of all) {
    made.push(make(one))
    await pause()
  }
  return made
}

/** While an engine loads it may not answer: the last known is told then. */
async function inMemory(provider: Provider, watcher: Watcher, signal: AbortSignal): Promise<readonly LoadedInstance[]> {
  try {
    return await provider.loaded(signal)
  } catch (error) {
    if (signal.aborted) throw error
    return watcher.seenOf(provider.id)?.loaded ?? []
  }
}

const stateOfCode: Partial<Record<ModelyardError['code'], ProviderState>> = {
  provider_stopped: 'stopped',
  provider_not_installed: 'not_installed',
  provider_unauthorized: 'unauthorized',
  provider_impostor: 'impostor',
  address_is_our_own: 'impostor',
}

/** What the last look says of a provider that failed explains more than the failed list does. */
function outcomeOf(provider: Provider, error: ModelyardError, watcher: Watcher): ProviderOutcome {
  const seen = watcher.seenOf(provider.id)?.probe
  const state = stateOfCode[error.code] ?? (seen && seen.state !== 'ready' ? seen.state : 'unreachable')
  return { id: provider.id, state, error: { code: error.code, message: error.message } }
}

function definedIn(details: ModelDetails): Partial<ModelDetails> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Partial<ModelDetails>
}

/** One load or unload at a time in an engine, switches included. */
async function inTurn<T>({ switcher }: ModelsOptions, provider: Provider, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const turn = await switcher.turns.take([provider.id], signal)
  try {
    return await work()
  } finally {
    turn.end()
  }
}
