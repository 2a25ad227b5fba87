/** How the fake Ollama brings the model of a request into memory. */
import { type FakeModel, type InMemory, LoadFailed } from './fake-models.ts'
import { sendJson } from './fake-server.ts'
import type { Answering } from './ollama-answering.ts'
import { digestOf } from './ollama-listing.ts'

/** Without a GPU. */
const usualContext = 4096

/** The model of a request in memory with its options; undefined when the failure has been said. */
export async function inMemory({ shelf, asked, response }: Answering): Promise<InMemory | undefined> {
  const { model: name, options, keep_alive: keepAlive, shift } = asked.body ?? {}
  if (name === undefined || name === '') return void sendJson(response, { error: 'model is required' }, 400)
  const model = shelf.find(name)
  if (!model) return void sendJson(response, { error: `model '${String(name)}' not found` }, 404)
  const wanted = contextOf(model, (options as { num_ctx?: number } | undefined)?.num_ctx, shelf.loaded.get(model.name))
  try {
    return await shelf.load(model, { ...wanted, keepAliveMs: keepAliveOf(keepAlive), variant: shift === false ? 'no-shift' : '' })
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error
    const reason = `error loading model: llama_model_loader: failed to load model from /var/lib/ollama/models/blobs/sha256-${digestOf(model.name)}`
    return void sendJson(response, { error: `llama-server process has terminated: exit status 1: ${reason}\n${reason}` }, 500)
  }
}

/**
 * Never more than the model was trained with. Where a request does not say it, what Ollama chose for an earlier one stays,
 * but what somebody chose does not: the model is loaded anew (needsReload in sched.go).
 */
function contextOf(model: FakeModel, asked: number | undefined, there: InMemory | undefined) {
  const trained = model.contextLength ?? usualContext
  if (asked !== undefined) return { contextLength: Math.min(asked, trained), auto: false }
  return there?.auto ? {} : { contextLength: Math.min(usualContext, trained), auto: true }
}

function keepAliveOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value < 0 ? 292 * 365 * 86_400_000 : value * 1000
  const found = /^(\d+)(ms|s|m|h)$/.exec(String(value ?? ''))
  return found ? Number(found[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[found[2] as 'ms' | 's' | 'm' | 'h'] : undefined
}
