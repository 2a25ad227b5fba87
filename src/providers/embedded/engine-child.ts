/** One child of the embedded engine, seen from outside: started, loaded, asked, ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChatMessage } from '../../contract/index.ts'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'
import type { ChatPart } from '../provider.ts'
import { type ChatCall, createChatCall } from './chat-call.ts'
import type { ChatOptions, FromChild, LoadedMessage, LoadMessage, StartMessage, ToChild } from './messages.ts'

export interface EngineChild {
  readonly pid: number | undefined
  /** llama.cpp is loaded. Rejects when the child ends first. */
  readonly ready: Promise<void>
  readonly alive: boolean
  load(
    wanted: Omit<LoadMessage, 'type'>,
    context: { signal: AbortSignal; onProgress?: ((share: number) => void) | undefined },
  ): Promise<LoadedMessage>
  chat(
    request: { model: string; messages: readonly ChatMessage[]; options: ChatOptions },
    signal: AbortSignal,
  ): AsyncIterableIterator<ChatPart>
  /** Requests that run or wait in it. */
  readonly busy: number
  onExit(listener: (why: string) => void): void
  /** Ends it and waits for its end. Idempotent. */
  end(): Promise<void>
}

export function startChild({ entry, gpu }: Omit<StartMessage, 'type'>): EngineChild {
  const child = spawnChild()
  const chats = new Map<number, ChatCall>()
  const exitListeners: ((why: string) => void)[] = []
  let nextId = 0
  let ended: string | undefined
  let loading:
    | {
        resolve: (loaded: LoadedMessage) => void
        reject: (error: ModelyardError) => void
        onProgress?: ((share: number) => void) | undefined
      }
    | undefined
  let onReady: () => void = () => {}
  let onNotReady: (error: ModelyardError) => void = () => {}
  const ready = new Promise<void>((resolve, reject) => {
    onReady = resolve
    onNotReady = reject
  })
  ready.catch(() => undefined)
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))

  const send = (message: ToChild): void => {
    if (child.connected) child.send(message, () => {})
  }

  const receive = (message: FromChild): void => {
    switch (message.type) {
      case 'ready':
        return onReady()
      case 'progress':
        return loading?.onProgress?.(message.share)
      case 'loaded':
        loading?.resolve(message)
        loading = undefined
        return
      case 'failed': {
        const error = new ModelyardError(message.code, engineWords(message.message), { details: message.details })
        onNotReady(error)
        loading?.reject(error)
        loading = undefined
        return
      }
      default:
        chats.get(message.id)?.receive(message)
    }
  }

  const onEnd = (why: string): void => {
    if (ended !== undefined) return
    ended = why
    const died = new ModelyardError('provider_error', `The engine's process ended: ${why}.`, { retryable: true })
    onNotReady(diedLoading(why))
    loading?.reject(diedLoading(why))
    loading = undefined
    for (const call of [...chats.values()]) call.fail(died)
    for (const listener of exitListeners) listener(why)
  }

  child.on('message', receive)
  child.once('error', (error) => onEnd(error.message))
  child.once('exit', (code, killedBy) => onEnd(killedBy ? `killed by ${killedBy}` : `code ${code}`))
  send({ type: 'start', entry, gpu })

  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }

  return {
    pid: child.pid,
    ready,
    get alive() {
      return ended === undefined
    },
    async load(wanted, { signal, onProgress }) {
      if (signal.aborted) throw abortReason(signal)
      const onAbort = (): void => void child.kill('SIGKILL')
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        await ready
        return await new Promise<LoadedMessage>((resolve, reject) => {
          if (ended !== undefined) return reject(new ModelyardError('load_failed', `The engine's process ended: ${ended}.`))
          loading = { resolve, reject, onProgress }
          send({ type: 'load', ...wanted })
        })
      } catch (error) {
        await end()
        throw signal.aborted ? abortReason(signal) : error
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    chat(request, signal) {
      const id = nextId++
      const call = createChatCall({ id, ...request, send, onEnd: () => chats.delete(id) }, signal)
      if (ended !== undefined) call.fail(new ModelyardError('provider_error', `The engine's process ended: ${ended}.`, { retryable: true }))
      else chats.set(id, call)
      return call.parts
    },
    get busy() {
      return chats.size
    },
    onExit: (listener) => void exitListeners.push(listener),
    end,
  }
}

const diedLoading = (why: string): ModelyardError =>
  new ModelyardError('load_failed', `The engine's process ended before the model was loaded: ${why}.`, { retryable: true })

/** A real file, also inside Electron, whose own archive no process can be started from. */
function childFile(): { file: string; args: string[] } {
  const fromSource = import.meta.url.endsWith('.ts')
  const file = fileURLToPath(new URL(fromSource ? './child.ts' : './embedded-child.js', import.meta.url)).replace(
    /([\\/])app\.asar([\\/])/,
    '$1app.asar.unpacked$2',
  )
  return { file, args: fromSource ? ['--import', import.meta.resolve('tsx')] : [] }
}

function spawnChild(): ChildProcess {
  const { file, args } = childFile()
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('MODELYARD_') && name !== 'NODE_OPTIONS' && name !== 'NODE_CHANNEL_FD',
  )
  const env = { ...Object.fromEntries(inherited), ...(process.versions.electron && { ELECTRON_RUN_AS_NODE: '1' }) }
  return spawn(process.execPath, [...args, file], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env, windowsHide: true })
}
