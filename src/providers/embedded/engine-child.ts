/** One child of the embedded engine, seen from outside: started, loaded, asked, ended. */
import { fileURLToPath } from 'node:url'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { startSupervised } from '../../platform/child-process.ts'
import { deferred } from '../../util/deferred.ts'
import { engineWords } from '../engine-words.ts'
import { loadLimitMs } from '../load-limit.ts'
import type { ChatPart, Embeddings } from '../provider.ts'
import { type AskCallOptions, createAskCall } from './ask-call.ts'
import { type Call, createChatCall } from './chat-call.ts'
import type { ChatOrder } from './chat-order.ts'
import { createPatience } from './child-patience.ts'
import {
  type FromChild,
  fromChild,
  type LoadedMessage,
  type LoadMessage,
  type Request,
  type StartMessage,
  type ToChild,
} from './messages.ts'

export interface EngineChild {
  readonly pid: number | undefined
  /** llama.cpp is loaded. Rejects when it could not be, or the child ends first. */
  readonly ready: Promise<void>
  /** Neither ended nor being ended. */
  readonly alive: boolean
  /** Fails with `timeout` when nothing was heard of it for too long. A load that fails ends the child. */
  load(wanted: Omit<LoadMessage, 'type'>, context: LoadingContext): Promise<LoadedMessage>
  chat(model: string, order: ChatOrder, signal: AbortSignal): AsyncIterableIterator<ChatPart>
  count(order: ChatOrder, signal: AbortSignal): Promise<number>
  embed(input: readonly string[], signal: AbortSignal): Promise<Embeddings>
  /** Requests that run or wait in it. */
  readonly busy: number
  onExit(listener: (why: string) => void): void
  /** Ends it and waits for its end. Idempotent. */
  end(why?: string): Promise<void>
}

export interface LoadingContext {
  readonly signal: AbortSignal
  readonly onProgress?: ((share: number) => void) | undefined
  /** How long it may be silent. */
  readonly stalledMs?: number | undefined
}

export interface EngineChildOptions extends Omit<StartMessage, 'type'> {
  /** How long a child may leave unheard that an answer is not wanted any more. */
  readonly patienceMs?: number | undefined
}

interface Loading {
  readonly resolve: (loaded: LoadedMessage) => void
  readonly reject: (error: ModelyardError) => void
  readonly onProgress: (share: number) => void
}

export function startChild({ entry, gpu, patienceMs }: EngineChildOptions): EngineChild {
  const child = startSupervised(childProgram())
  const calls = new Map<number, Call>()
  const ready = deferred<void>()
  const exitListeners: ((why: string) => void)[] = []
  const patience = createPatience(patienceMs, () => void child.end('it did not answer any more'))
  let nextId = 0
  let ended: string | undefined
  let loading: Loading | undefined

  const send = (message: ToChild): void => {
    if (message.type === 'abort' && child.alive) patience.begin(message.id)
    child.send(message)
  }

  const receive = (message: FromChild): void => {
    switch (message.type) {
      case 'ready':
        return ready.resolve()
      case 'progress':
        return loading?.onProgress(message.share)
      case 'loaded':
        return loading?.resolve(message)
      case 'failed': {
        const error = new ModelyardError(message.code, engineWords(message.message), { details: message.details })
        ready.reject(error)
        return loading?.reject(error)
      }
      case 'aborted':
        return patience.end(message.id)
      default:
        calls.get(message.id)?.receive(message)
    }
  }

  child.onMessage((said) => {
    const message = fromChild.safeParse(said)
    if (message.success) receive(message.data)
    else void child.end('it said what was not understood')
  })
  child.onExit((said) => {
    const why = engineWords(said)
    ended = why
    patience.close()
    ready.reject(diedLoading(why))
    loading?.reject(diedLoading(why))
    for (const call of [...calls.values()]) call.fail(diedAnswering(why))
    for (const listener of exitListeners) listener(why)
  })
  send({ type: 'start', entry, gpu })

  const begun = <C extends Call>(id: number, call: C): C => {
    if (!child.alive) call.fail(diedAnswering(ended ?? 'it was ended'))
    else if (!call.over) calls.set(id, call)
    return call
  }
  const ask = <T>(requestFor: (id: number) => Request, take: AskCallOptions<T>['take'], signal: AbortSignal): Promise<T> => {
    const id = nextId++
    return begun(id, createAskCall({ request: requestFor(id), send, onEnd: () => calls.delete(id), take }, signal)).answer
  }

  const loadNow = async (
    wanted: Omit<LoadMessage, 'type'>,
    { stalledMs = loadLimitMs(), onProgress }: LoadingContext,
  ): Promise<LoadedMessage> => {
    const done = deferred<LoadedMessage>()
    const stalled = (): void => done.reject(new ModelyardError('timeout', `Nothing was heard of the load for ${stalledMs / 1000} s.`))
    let timer = setTimeout(stalled, stalledMs)
    const heard = (share: number): void => {
      clearTimeout(timer)
      timer = setTimeout(stalled, stalledMs)
      onProgress?.(share)
    }
    loading = { ...done, onProgress: heard }
    ready.promise.then(() => send({ type: 'load', ...wanted }), done.reject)
    return done.promise.finally(() => {
      clearTimeout(timer)
      loading = undefined
    })
  }

  return {
    pid: child.pid,
    ready: ready.promise,
    get alive() {
      return child.alive
    },
    async load(wanted, context) {
      const { signal } = context
      if (signal.aborted) throw abortReason(signal)
      const onAbort = (): void => void child.end('its load was cancelled')
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await loadNow(wanted, context)
      } catch (error) {
        await child.end('its load failed')
        throw signal.aborted ? abortReason(signal) : error
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    chat(model, order, signal) {
      const id = nextId++
      return begun(id, createChatCall({ id, model, order, send, onEnd: () => calls.delete(id) }, signal)).parts
    },
    count: ({ history, options }, signal) =>
      ask(
        (id) => ({ type: 'count', id, history, options }),
        (said) => (said.type === 'counted' ? said.tokens : undefined),
        signal,
      ),
    embed(input, signal) {
      const vectors: (readonly number[])[] = []
      return ask(
        (id) => ({ type: 'embed', id, input }),
        (said) => {
          if (said.type === 'vector') vectors.push(said.values)
          const { length } = vectors
          if (length > input.length || (said.type === 'embedded' && length < input.length))
            throw new ModelyardError('provider_protocol', `Of ${input.length} texts came ${length} vectors.`)
          return said.type === 'embedded' ? { vectors, promptTokens: said.promptTokens } : undefined
        },
        signal,
      )
    },
    get busy() {
      return calls.size
    },
    onExit: (listener) => void exitListeners.push(listener),
    end: (why) => child.end(why),
  }
}

const diedLoading = (why: string): ModelyardError =>
  new ModelyardError('load_failed', `The engine's process ended before the model was loaded: ${why}.`, { retryable: true })

const diedAnswering = (why: string): ModelyardError =>
  new ModelyardError('provider_error', `The engine's process ended: ${why}.`, { retryable: true })

/** What a template or a tokenizer of anybody may take of its memory for JavaScript; weights are not in it. */
const mostHeapMb = 1024

/** A real file: the source of it, or what is built of it beside the bundle. */
function childProgram(): Parameters<typeof startSupervised>[0] {
  const fromSource = import.meta.url.endsWith('.ts')
  return {
    file: fileURLToPath(new URL(fromSource ? './child.ts' : './embedded-child.js', import.meta.url)),
    nodeOptions: [`--max-old-space-size=${mostHeapMb}`, ...(fromSource ? ['--import', import.meta.resolve('tsx')] : [])],
    // A library that aborts would start a debugger to print where.
    env: { GGML_NO_BACKTRACE: '1' },
  }
}
