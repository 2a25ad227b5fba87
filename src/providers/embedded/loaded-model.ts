/** A model in memory: its child, its options, and when it goes because nobody asks it any more. */
import type { LoadOptions } from '../../contract/index.ts'
import { untilAborted } from '../../platform/until-aborted.ts'
import type { ChatPart, Embeddings, LoadContext, LoadedInstance } from '../provider.ts'
import type { ChatOrder } from './chat-order.ts'
import type { EngineChild } from './engine-child.ts'
import { createIdleClock, idleMs } from './idle-time.ts'
import type { LoadPlan } from './load-plan.ts'
import type { Purpose } from './messages.ts'

export interface LoadedModelOptions {
  readonly child: EngineChild
  readonly name: string
  readonly path: string
  readonly purpose: Purpose
  readonly options: LoadOptions
  readonly plan: LoadPlan
  /** How long its load may be silent. */
  readonly stalledMs: number
  readonly onEnd: () => void
  /** It has answered: what else there is to do costs nobody anything now. */
  readonly onQuiet: () => void
}

export interface LoadedModel {
  load(context: Pick<LoadContext, 'signal' | 'onProgress'>): Promise<void>
  /** Waits for a load that another caller began. */
  ready(signal: AbortSignal): Promise<void>
  readonly purpose: Purpose
  /** It runs for this purpose with these options. */
  fits(purpose: Purpose, options: LoadOptions): boolean
  /** From now on it stays as long as these options say. */
  keep(options: LoadOptions): void
  instance(): LoadedInstance
  chat(order: ChatOrder, signal: AbortSignal): AsyncIterable<ChatPart>
  count(order: ChatOrder, signal: AbortSignal): Promise<number>
  embed(input: readonly string[], signal: AbortSignal): Promise<Embeddings>
  end(why?: string): Promise<void>
}

export function createLoadedModel(options: LoadedModelOptions): LoadedModel {
  const { child, name, path, purpose, plan, stalledMs, onEnd, onQuiet } = options
  const load = { ...options.options }
  let inMemory: Pick<LoadedInstance, 'contextLength' | 'memoryBytes' | 'gpuBytes'> | undefined
  let loading: Promise<void> = Promise.resolve()
  const idle = createIdleClock({ busy: () => child.busy > 0, onExpired: () => void child.end('it was idle and was unloaded') })
  child.onExit(() => {
    idle.stop()
    onEnd()
  })

  const rest = (): void => {
    if (inMemory && child.alive) idle.start(idleMs(load.keepAlive))
  }
  const answered = (): void => {
    rest()
    onQuiet()
  }
  const begin = async ({ signal, onProgress }: Pick<LoadContext, 'signal' | 'onProgress'>): Promise<void> => {
    const { contextLength, memoryBytes, gpuBytes } = await child.load(
      { path, purpose, ...plan, gpuLayers: load.gpuLayers },
      { signal, onProgress, stalledMs },
    )
    inMemory = { contextLength, memoryBytes, gpuBytes }
    rest()
  }

  return {
    load(context) {
      loading = begin(context)
      loading.catch(() => undefined)
      return loading
    },
    ready: (signal) => untilAborted(loading, signal),
    purpose,
    fits: (wantedFor, wanted) =>
      child.alive &&
      wantedFor === purpose &&
      (wanted.contextLength === undefined || wanted.contextLength === plan.contextLength) &&
      (wanted.gpuLayers === undefined || wanted.gpuLayers === load.gpuLayers),
    keep(wanted) {
      if (wanted.keepAlive === undefined) return
      load.keepAlive = wanted.keepAlive
      rest()
    },
    instance: () => ({
      name,
      ...inMemory,
      expiresAt: idle.expiresAt()?.toISOString(),
      load: { ...load },
      loadedBy: 'us',
      state: inMemory ? 'ready' : 'loading',
    }),
    async *chat(order, signal) {
      try {
        yield* child.chat(name, order, signal)
      } finally {
        answered()
      }
    },
    count: (order, signal) => child.count(order, signal).finally(answered),
    embed: (input, signal) => child.embed(input, signal).finally(answered),
    end: (why = 'the model was unloaded') => child.end(why),
  }
}
