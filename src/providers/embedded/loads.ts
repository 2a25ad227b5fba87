/**
 * What is in memory, and how it comes there: one child for each model. A model is in memory for one purpose: what is
 * listed as an embedding model makes vectors, all others answer chats. A chat that is asked of an embedding model all the
 * same (its kind may be overruled) loads it anew as one that answers; vectors of a model that is none are refused.
 */
import { abortReason, type LoadOptions, ModelyardError } from '../../contract/index.ts'
import { readMemory } from '../../platform/hardware.ts'
import { untilAborted } from '../../platform/until-aborted.ts'
import { loadLimitMs } from '../load-limit.ts'
import type { LoadContext, ModelDetails } from '../provider.ts'
import type { EngineChild } from './engine-child.ts'
import { planLoad } from './load-plan.ts'
import { createLoadedModel, type LoadedModel } from './loaded-model.ts'
import type { Purpose } from './messages.ts'
import type { LibraryFile } from './model-file.ts'

export interface Wanted {
  readonly name: string
  readonly options: LoadOptions
  /** Absent: what it is for by its kind, or what it is in memory for already. */
  readonly purpose?: Purpose | undefined
}

export interface Loads {
  /** Idempotent for the same purpose and options. One load of a model at a time: whoever asks meanwhile gets the same. */
  load(wanted: Wanted, context: LoadContext): Promise<LoadedModel>
  get(name: string): LoadedModel | undefined
  all(): readonly LoadedModel[]
}

export interface LoadsOptions {
  /** Throws when there is no such model, or no engine. */
  readonly find: (name: string) => Promise<{ readonly file: LibraryFile; readonly details: ModelDetails }>
  /** A child with llama.cpp and no model. */
  readonly take: () => EngineChild
  readonly refill: () => void
  readonly changed: () => void
  readonly threads: number | undefined
}

export function createLoads(options: LoadsOptions): Loads {
  const loaded = new Map<string, LoadedModel>()
  const queues = new Map<string, Promise<unknown>>()

  const begin = async ({ name, options: load, purpose }: Required<Wanted>, found: Found): Promise<LoadedModel> => {
    const { file, details, freeBytes } = found
    const model = createLoadedModel({
      child: options.take(),
      name,
      path: file.path,
      purpose: purpose ?? 'chat',
      options: load,
      plan: planLoad({ details, options: load, purpose: purpose ?? 'chat', freeBytes, threads: options.threads }),
      stalledMs: loadLimitMs(details.sizeBytes),
      onEnd: () => {
        if (loaded.get(name) === model) loaded.delete(name)
        options.changed()
      },
      onQuiet: options.refill,
    })
    loaded.set(name, model)
    return model
  }
  const loadNow = async (wanted: Wanted, { signal, onProgress }: LoadContext): Promise<LoadedModel> => {
    if (signal.aborted) throw abortReason(signal)
    const { name } = wanted
    const there = loaded.get(name)
    if (there?.fits(wanted.purpose ?? there.purpose, wanted.options)) {
      there.keep(wanted.options)
      await there.ready(signal)
      return there
    }
    const [found, memory] = await Promise.all([options.find(name), readMemory()])
    const purpose = purposeOf(wanted, found.details, there)
    await there?.end('the model is loaded anew with other options')
    if (signal.aborted) throw abortReason(signal)
    const model = await begin({ ...wanted, purpose }, { ...found, freeBytes: memory.free })
    await model.load({ signal, onProgress }).catch((error: unknown) => {
      options.refill()
      throw error
    })
    return model
  }

  return {
    get: (name) => loaded.get(name),
    all: () => [...loaded.values()],
    load(wanted, context) {
      const { name } = wanted
      const before = queues.get(name) ?? Promise.resolve()
      const next = (): Promise<LoadedModel> => loadNow(wanted, context)
      const mine = before.then(next, next)
      queues.set(name, mine)
      const done = (): void => {
        if (queues.get(name) === mine) queues.delete(name)
      }
      mine.then(done, done)
      return untilAborted(mine, context.signal)
    },
  }
}

type Found = Awaited<ReturnType<LoadsOptions['find']>> & { readonly freeBytes: number }

function purposeOf({ name, purpose }: Wanted, { kind }: ModelDetails, there: LoadedModel | undefined): Purpose {
  if (purpose === 'embedding' && kind !== 'embedding')
    throw new ModelyardError('unsupported_operation', `${name} is no embedding model: the embedded engine makes no vectors with it.`, {
      hint: 'Choose an embedding model.',
    })
  return purpose ?? there?.purpose ?? (kind === 'embedding' ? 'embedding' : 'chat')
}
