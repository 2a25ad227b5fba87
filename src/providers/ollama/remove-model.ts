/**
 * Uninstalling through Ollama's own API, which removes a blob with the last model that names it. A model that is in
 * memory would stay there unnamed, so it is unloaded before.
 */
import { ModelyardError } from '../../contract/index.ts'
import { ask, goodBody } from '../openai-chat/index.ts'
import type { ListedModel, RemovalPlan, Removing } from '../provider.ts'
import { listModels } from './list.ts'
import { sameName } from './names.ts'
import { label, type Ollama } from './ollama.ts'
import { bytesLinkedElsewhere, weightsOf } from './shared-weights.ts'

/** Models that look alike are asked for their weights; more are taken to have their own. */
const maxAsked = 50

export function createRemoving(ollama: Ollama): Removing {
  const plan = (name: string, signal: AbortSignal): Promise<RemovalPlan> => planOf(ollama, name, signal)
  return {
    plan,
    async perform(name, _options, signal) {
      const planned = await plan(name, signal)
      await deleteModel(ollama, name, signal)
      await mustNotBeListed(ollama, name, signal)
      return planned
    },
  }
}

/** Throws `model_not_found`. Another program's request may make it fail half done: what counts is that the name is gone. */
export async function deleteModel(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  const send = () => ask(ollama.engine, { method: 'DELETE', path: '/api/delete', body: { model: name }, signal })
  const answer = await ollama.inTurn(signal, send)
  // A good answer has no body.
  if (answer.status === 200 && answer.text.trim() === '') return
  if (answer.status >= 500 && !(await isListed(ollama, name, signal))) return
  goodBody(ollama.engine, answer, { model: name, notFound: 'model' })
}

async function planOf(ollama: Ollama, name: string, signal: AbortSignal): Promise<RemovalPlan> {
  const models = await listModels(ollama, signal)
  const model = models.find((one) => sameName(one.name, name))
  if (!model) throw new ModelyardError('model_not_found', `${label}: model "${name}" not found.`)
  const bytes = model.sizeBytes ?? 0
  const sharing = await sharesWeights(ollama, model, models, signal)
  const linked = sharing.length > 0 ? 0 : await bytesLinkedElsewhere(ollama, model.name, signal)
  return {
    removed: [{ name: model.name, bytes }],
    kept: [
      ...sharing.map((other) => ({ path: other, why: 'it has the same weights, so their bytes stay' })),
      ...(linked > 0 ? [{ path: model.name, why: 'the name goes, its bytes stay: another hard link holds them' }] : []),
    ],
    freedBytes: sharing.length > 0 ? 0 : Math.max(0, bytes - linked),
    foreign: [],
  }
}

/** Names of other models with the same weights. */
async function sharesWeights(ollama: Ollama, model: ListedModel, models: readonly ListedModel[], signal: AbortSignal): Promise<string[]> {
  const others = models.filter((one) => one.name !== model.name && looksAlike(one, model)).slice(0, maxAsked)
  if (others.length === 0) return []
  const weights = await weightsOf(ollama, model.name, signal)
  const found: string[] = []
  for (const one of others) {
    const same = one.identity !== undefined && one.identity === model.identity
    if (same || (weights !== undefined && (await weightsOf(ollama, one.name, signal)) === weights)) found.push(one.name)
  }
  signal.throwIfAborted()
  return found
}

const looksAlike = (a: ListedModel, b: ListedModel): boolean =>
  !a.remote && a.family === b.family && a.parameters === b.parameters && a.quantization === b.quantization

/** An answer is not believed: the model is gone when Ollama does not list it. */
export async function mustNotBeListed(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  if (!(await isListed(ollama, name, signal))) return
  throw new ModelyardError('provider_error', `${label} said that ${name} is deleted, but lists it still.`)
}

const isListed = async (ollama: Ollama, name: string, signal: AbortSignal): Promise<boolean> =>
  (await listModels(ollama, signal)).some((one) => sameName(one.name, name))
