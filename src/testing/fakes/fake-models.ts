/** What a fake engine holds and has in memory: loads that can be held, evictions as real engines do them. */

export interface FakeModel {
  readonly name: string
  readonly kind?: 'chat' | 'embedding'
  /** What its engine says, whatever its files are. */
  readonly sizeBytes?: number
  readonly family?: string
  /** Such as 8B. */
  readonly parameters?: string
  readonly quantization?: string
  /** Trained context; 4096. */
  readonly contextLength?: number
  /** Folder of its blob, as its engine tells it. */
  readonly blobs?: string
  /** Memory it takes when loaded; twice its size. */
  readonly memoryBytes?: number
  readonly gpuBytes?: number
  /** Every load fails. */
  readonly broken?: boolean
  /** Its template knows tools, where an engine asks for that. */
  readonly tools?: boolean
  /** It thinks before it answers: its first tokens are thoughts. */
  readonly reasoning?: boolean
}

export interface InMemory {
  readonly model: FakeModel
  contextLength: number
  /** Nobody chose its context: the engine did. */
  auto: boolean
  /** What else makes the engine load anew when it differs. */
  variant: string
  expiresAt: number
  /** Requests that run on it. */
  running: number
}

/** An answer that a test has written. */
export interface Scripted {
  readonly thoughts?: string
  readonly text?: string
  readonly calls?: readonly { readonly name: string; readonly arguments: object }[]
}

export interface FakeEngineOptions {
  readonly models?: readonly FakeModel[]
  readonly port?: number
  /** Models in memory at once; no limit when absent. */
  readonly maxLoaded?: number
  /** For benches: tokens come at this pace; at once when absent. */
  readonly tokensPerSecond?: number
}

/** Milliseconds a model stays when idle, as in Ollama. */
const keepAliveMs = 300_000

export class LoadFailed extends Error {}

export interface FakeShelf {
  readonly models: FakeModel[]
  readonly loaded: Map<string, InMemory>
  find(name: unknown): FakeModel | undefined
  /** Brings it into memory, evicting the oldest where there is no room; a failed load evicts as well. */
  load(
    model: FakeModel,
    options?: {
      contextLength?: number | undefined
      auto?: boolean | undefined
      keepAliveMs?: number | undefined
      variant?: string | undefined
    },
  ): Promise<InMemory>
  unload(name: string): void
  holdLoads(): void
  releaseLoads(): void
  readonly loads: readonly string[]
  /** What the next chats answer, the first first; what is usual when it is empty. */
  readonly script: Scripted[]
}

export function createShelf(
  { models = [], maxLoaded = Number.POSITIVE_INFINITY }: FakeEngineOptions,
  changed: () => void,
  sameName: (a: string, b: string) => boolean = (a, b) => a === b,
): FakeShelf {
  const held = [...models]
  const loaded = new Map<string, InMemory>()
  const loads: string[] = []
  let gate: { readonly open: Promise<void>; readonly release: () => void } | undefined

  const evictFor = (model: FakeModel): void => {
    const others = [...loaded.keys()].filter((name) => name !== model.name)
    for (const name of others.slice(0, Math.max(0, others.length + 1 - maxLoaded))) loaded.delete(name)
  }

  return {
    models: held,
    loaded,
    loads,
    script: [],
    find: (name) => (typeof name === 'string' ? held.find((one) => sameName(one.name, name)) : undefined),
    async load(model, options = {}) {
      const there = loaded.get(model.name)
      const contextLength = options.contextLength ?? there?.contextLength ?? Math.min(4096, model.contextLength ?? 4096)
      const variant = options.variant ?? ''
      if (there && there.contextLength === contextLength && there.variant === variant) {
        there.expiresAt = Date.now() + (options.keepAliveMs ?? keepAliveMs)
        return there
      }
      loads.push(model.name)
      changed()
      await gate?.open
      evictFor(model)
      changed()
      if (model.broken) throw new LoadFailed(model.name)
      const instance: InMemory = {
        model,
        contextLength,
        auto: options.auto ?? options.contextLength === undefined,
        variant,
        expiresAt: Date.now() + (options.keepAliveMs ?? keepAliveMs),
        running: 0,
      }
      loaded.set(model.name, instance)
      changed()
      return instance
    },
    unload(name) {
      loaded.delete(name)
      changed()
    },
    holdLoads() {
      let release: () => void = () => {}
      const open = new Promise<void>((resolve) => {
        release = resolve
      })
      gate = { open, release }
    },
    releaseLoads() {
      gate?.release()
      gate = undefined
    },
  }
}

/** Each token names the model and its place, so that a test sees who answered, and whether all of it came. */
export const tokenText = (model: string, index: number): string => `${model}#${index} `

export interface Token {
  readonly index: number
  readonly text: string
  readonly thought: boolean
}

const thoughts = 2

/** The tokens of one answer, at their pace, until the caller leaves. */
export async function* tokensOf(
  model: FakeModel,
  { count, signal, tokensPerSecond }: { count: number; signal: AbortSignal; tokensPerSecond?: number | undefined },
): AsyncGenerator<Token> {
  const started = performance.now()
  for (let index = 0; index < count && !signal.aborted; index += 1) {
    if (tokensPerSecond !== undefined) await until(started + (index * 1000) / tokensPerSecond)
    // An answer without end still lets others in.
    else if (index % 64 === 63) await new Promise((resolve) => setImmediate(resolve))
    yield { index, text: tokenText(model.name, index), thought: model.reasoning === true && index < thoughts }
  }
}

const until = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())))
