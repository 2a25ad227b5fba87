/**
 * The process in which llama.cpp runs: one model each, so that a crash takes nothing else with it. The only file that
 * loads the engine's package. Ends with its parent, however that ends.
 */
import { endWithParent } from '../../platform/end-with-parent.ts'
import { answerChat, answerCount } from './child-chat.ts'
import { answerEmbed } from './child-embed.ts'
import { type LoadedModel, loadInto, tellingLines } from './child-load.ts'
import type { Working } from './child-work.ts'
import type { Llama, LlamaPackage } from './llama-types.ts'
import type { Failure, FromChild, LoadMessage, Request, StartMessage, ToChild } from './messages.ts'

let llama: Llama | undefined
let engine: LlamaPackage | undefined
let loaded: LoadedModel | undefined
const works = new Map<number, Working>()
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
    case 'credits':
      return works.get(message.id)?.grant?.(message.credits)
    case 'abort':
      works.get(message.id)?.abort()
      return send({ type: 'aborted', id: message.id })
    default:
      return work(message)
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

async function work(request: Request): Promise<void> {
  const begun = begin(request)
  if (!begun) return send({ type: 'error', id: request.id, ...cannot(request) })
  works.set(request.id, begun)
  await begun.ended
  works.delete(request.id)
}

function begin(request: Request): Working | undefined {
  if (request.type === 'embed') return loaded?.purpose === 'embedding' ? answerEmbed(loaded, request, send) : undefined
  if (loaded?.purpose !== 'chat') return undefined
  return request.type === 'chat' ? answerChat(loaded, request, send) : answerCount(loaded, request, send)
}

function cannot({ type }: Request): Failure {
  if (!loaded) return { code: 'provider_error', message: 'No model is loaded.' }
  return type === 'embed'
    ? { code: 'unsupported_operation', message: 'This model is loaded for chats.' }
    : { code: 'not_a_chat_model', message: 'This model is loaded to make vectors.' }
}
