/** Looks at engines and memory before anything is touched: the facts from which `planRoom` decides. */
import type { LoadOptions } from '../contract/index.ts'
import type { LoadedInstance, ModelDetails, Provider } from '../providers/provider.ts'
import type { Directory, MemoryReader } from './directory.ts'
import { estimateMemory } from './estimate-memory.ts'
import type { Occupant, RoomFacts } from './plan-room.ts'
import type { Target } from './ports.ts'

export interface SurveyOptions {
  readonly directory: Directory
  readonly memory: MemoryReader
  readonly to: Target
  /** What serves this slot. */
  readonly serving?: Target | undefined
  /** Loaded by us, whatever its engine remembers of it. */
  readonly servingIsOurs: boolean
  /** What serves the other slots. */
  readonly elsewhere: readonly Target[]
  readonly pinned: (provider: string, name: string) => boolean
  readonly signal: AbortSignal
}

export interface Survey {
  readonly facts: RoomFacts
  readonly details: ModelDetails
}

export async function survey(options: SurveyOptions): Promise<Survey> {
  const { directory, to, serving, signal } = options
  const target = mustHave(directory, to.provider)
  const old = serving && serving.provider !== to.provider ? directory.provider(serving.provider) : undefined
  const [details, here, there, memory] = await Promise.all([
    target.show(to.name, signal),
    target.loaded(signal),
    old ? inMemory(old, signal) : [],
    options.memory(),
  ])
  const occupants = [...here.map((one) => occupant(target, one, options)), ...(old ? there.map((one) => occupant(old, one, options)) : [])]
  const fromList = old ? there : here
  return {
    details,
    facts: {
      toLoaded: isThere(target, here, to),
      fromAlive: serving !== undefined && isAlive(old ?? target, fromList, serving),
      occupants,
      needBytes: estimateMemory(details, to.load),
      freeBytes: memory?.free,
      totalBytes: memory?.total,
      multipleModels: target.capabilities.multipleModels,
      canUnload: target.capabilities.unload !== 'none',
      provider: to.provider,
    },
  }
}

function mustHave(directory: Directory, id: string): Provider {
  const provider = directory.provider(id)
  if (!provider) throw new TypeError(`no provider ${id}`)
  return provider
}

/** The old engine may have died meanwhile: that must not keep anybody from switching away from it. */
async function inMemory(provider: Provider, signal: AbortSignal): Promise<readonly LoadedInstance[]> {
  try {
    return await provider.loaded(signal)
  } catch (error) {
    if (signal.aborted) throw error
    return []
  }
}

function occupant(provider: Provider, one: LoadedInstance, { to, serving, servingIsOurs, elsewhere, pinned }: SurveyOptions): Occupant {
  const is = (target: Target | undefined): boolean =>
    target !== undefined && target.provider === provider.id && provider.sameModel(target.name, one.name)
  return {
    provider: provider.id,
    name: one.name,
    instanceId: one.instanceId,
    memoryBytes: one.memoryBytes,
    loadedBy: servingIsOurs && is(serving) ? 'us' : one.loadedBy,
    pinned: pinned(provider.id, one.name),
    servesOther: elsewhere.some(is),
    servesThis: is(serving),
    isTarget: is(to),
  }
}

/** An engine that cannot say what it holds is believed when it answers at all. */
const isAlive = (provider: Provider, instances: readonly LoadedInstance[], target: Target): boolean =>
  !provider.capabilities.loadedState || isThere(provider, instances, target)

/** In memory and ready, with the options asked for as far as the engine tells. */
function isThere(provider: Provider, instances: readonly LoadedInstance[], target: Target): boolean {
  return instances.some((one) => provider.sameModel(one.name, target.name) && one.state !== 'loading' && satisfies(one, target.load))
}

export function satisfies(one: LoadedInstance, wanted: LoadOptions): boolean {
  const context = one.contextLength ?? one.load?.contextLength
  if (wanted.contextLength !== undefined && context !== undefined && context !== wanted.contextLength) return false
  return wanted.gpuLayers === undefined || one.load?.gpuLayers === undefined || one.load.gpuLayers === wanted.gpuLayers
}
