/** A model in memory: its child, its options, and when it goes because nobody asks it any more. */
import type { LoadOptions } from '../../contract/index.ts'
import { untilAborted } from '../../platform/until-aborted.ts'
import type { ChatPart, LoadContext, LoadedInstance, ProviderChatRequest } from '../provider.ts'
import type { EngineChild } from './engine-child.ts'
import { idleMs } from './idle-time.ts'
import type { LoadPlan } from './load-plan.ts'

export interface LoadedModelOptions {
  readonly child: EngineChild
  readonly name: string
  readonly path: string
  readonly options: LoadOptions
  readonly plan: LoadPlan
  readonly onEnd: () => void
  /** It has answered: what else there is to do costs nobody anything now. */
  readonly onQuiet: () => void
}

export interface LoadedModel {
  load(context: Pick<LoadContext, 'signal' | 'onProgress'>): Promise<void>
  /** Waits for a load that another caller began. */
  ready(signal: AbortSignal): Promise<void>
  /** It runs with these options. */
  fits(options: LoadOptions): boolean
  /** From now on it stays as long as these options say. */
  keep(options: LoadOptions): void
  instance(): LoadedInstance
  chat(request: ProviderChatRequest, signal: AbortSignal): AsyncIterable<ChatPart>
  end(): Promise<void>
}

export function createLoadedModel({ child, name, path, options, plan, onEnd, onQuiet }: LoadedModelOptions): LoadedModel {
  let keepAlive = options.keepAlive
  let memoryBytes: number | undefined
  let contextLength: number | undefined
  let expiresAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  let loading: Promise<void> = Promise.resolve()
  child.onExit(() => {
    clearTimeout(timer)
    onEnd()
  })

  const rest = (): void => {
    clearTimeout(timer)
    const ms = idleMs(keepAlive)
    expiresAt = ms === undefined ? undefined : Date.now() + ms
    if (ms === undefined || !child.alive) return
    timer = setTimeout(() => (child.busy > 0 ? rest() : void child.end()), ms)
    timer.unref()
  }

  const begin = async ({ signal, onProgress }: Pick<LoadContext, 'signal' | 'onProgress'>): Promise<void> => {
    const loaded = await child.load({ path, ...plan, gpuLayers: options.gpuLayers }, { signal, onProgress })
    memoryBytes = loaded.memoryBytes
    contextLength = loaded.contextLength
    rest()
  }

  return {
    load(context) {
      loading = begin(context)
      loading.catch(() => undefined)
      return loading
    },
    ready: (signal) => untilAborted(loading, signal),
    fits: (wanted) =>
      child.alive &&
      (wanted.contextLength === undefined || wanted.contextLength === plan.contextLength) &&
      (wanted.gpuLayers === undefined || wanted.gpuLayers === options.gpuLayers),
    keep(wanted) {
      if (wanted.keepAlive !== undefined) keepAlive = wanted.keepAlive
      if (contextLength !== undefined) rest()
    },
    instance: () => ({
      name,
      contextLength,
      memoryBytes,
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
      load: options,
      loadedBy: 'us',
      state: contextLength === undefined ? 'loading' : 'ready',
    }),
    async *chat(request, signal) {
      clearTimeout(timer)
      const { maxTokens, temperature, topP, seed, stop } = request
      try {
        yield* child.chat({ model: name, messages: request.messages, options: { maxTokens, temperature, topP, seed, stop } }, signal)
      } finally {
        rest()
        onQuiet()
      }
    },
    end: () => child.end(),
  }
}
