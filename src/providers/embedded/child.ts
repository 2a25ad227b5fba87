/**
 * The process in which llama.cpp runs: one model each, so that a crash takes nothing else with it. The only file that
 * loads the engine's package. Ends with its parent, however that ends.
 */
import { endWithParent } from '../../platform/end-with-parent.ts'
import { answerChat, type Chatting } from './child-chat.ts'
import { type LoadedModel, loadInto, tellingLines } from './child-load.ts'
import type { Llama, LlamaPackage } from './llama-types.ts'
import type { FromChild, LoadMessage, StartMessage, ToChild } from './messages.ts'

let llama: Llama | undefined
let engine: LlamaPackage | undefined
let loaded: LoadedModel | undefined
const chats = new Map<number, Chatting>()
const lines = tellingLines()

endWithParent()
// A terminal sends its Ctrl-C to us as well; the parent decides when we end.
process.on('SIGINT', () => {})
process.on('message', (message: ToChild) => {
  void handle(message).catch((error: unknown) => send({ type: 'failed', code: 'internal', message: String(error) }))
})

const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message)
}

async function handle(message: ToChild): Promise<void> {
  switch (message.type) {
    case 'start':
      return start(message)
    case 'load':
      return load(message)
    case 'chat':
      return chat(message)
    case 'credits':
      return chats.get(message.id)?.grant(message.credits)
    case 'abort':
      chats.get(message.id)?.abort()
      return send({ type: 'aborted', id: message.id })
  }
}

async function start({ entry, gpu }: StartMessage): Promise<void> {
  engine = (await import(entry)) as LlamaPackage
  llama = await engine.getLlama({ build: 'never', skipDownload: true, gpu, maxThreads: 0, logLevel: 'warn', logger: lines.take })
  send({ type: 'ready' })
}

async function load(message: LoadMessage): Promise<void> {
  if (!llama || !engine) return send({ type: 'failed', code: 'internal', message: 'The engine was not started.' })
  lines.forget()
  try {
    loaded = await loadInto({ llama, engine }, message, (share) => send({ type: 'progress', share }))
    const { contextLength, gpuBytes } = loaded
    send({ type: 'loaded', contextLength, memoryBytes: process.memoryUsage().rss + (gpuBytes ?? 0), gpuBytes })
  } catch (error) {
    await lines.complete()
    send({ type: 'failed', ...lines.explain(error) })
  }
}

async function chat(message: Extract<ToChild, { type: 'chat' }>): Promise<void> {
  const { id } = message
  if (!loaded) return send({ type: 'error', id, code: 'provider_error', message: 'No model is loaded.' })
  const chatting = answerChat(loaded, message, send)
  chats.set(id, chatting)
  await chatting.ended
  chats.delete(id)
}
