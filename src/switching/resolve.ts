/** From what a person wrote to one exact model in one provider. Reads only. */
import { joinRef, ModelyardError, modelRefOrName, splitRef } from '../contract/index.ts'
import type { ListedModel, Provider } from '../providers/provider.ts'
import type { Directory } from './directory.ts'
import { existingProvider } from './existing-provider.ts'

export interface Resolved {
  readonly provider: Provider
  readonly model: ListedModel
}

export interface ResolveOptions {
  /** A ref or a bare name. */
  readonly model: string
  /** Only this provider is asked. */
  readonly provider?: string | undefined
  /** Among equal bytes in several providers this one wins. */
  readonly preferred?: string | undefined
  /** Refuse what cannot chat. */
  readonly chatOnly: boolean
  readonly signal: AbortSignal
}

export async function resolveModel(directory: Directory, options: ResolveOptions): Promise<Resolved> {
  const written = checkName(options.model)
  const { asked, name } = whomToAsk(directory, written, options.provider)
  const answers = await Promise.all(asked.map((provider) => listOf(provider, options.signal)))
  options.signal.throwIfAborted()
  const found = answers.flatMap((answer) => matches(answer, name))
  const one = choose({ found, answers, name: written, preferred: options.preferred })
  if (options.chatOnly) requireChat(directory, one)
  return one
}

function checkName(name: string): string {
  const checked = modelRefOrName.safeParse(name)
  if (checked.success) return checked.data
  throw new ModelyardError('invalid_request', `This is not a model's name: ${checked.error.issues[0]?.message ?? 'unknown form'}.`)
}

/** The first segment is a provider only if one of that id exists; else the whole is a bare name. */
function whomToAsk(directory: Directory, written: string, providerId?: string): { asked: readonly Provider[]; name: string } {
  const parts = splitRef(written)
  if (providerId !== undefined) {
    const name = parts?.provider === providerId ? parts.name : written
    return { asked: [existingProvider(directory, providerId)], name }
  }
  const named = parts && directory.provider(parts.provider)
  if (parts && named) return { asked: [named], name: parts.name }
  return { asked: directory.providers(), name: written }
}

interface ListAnswer {
  readonly provider: Provider
  readonly models: readonly ListedModel[]
  readonly error?: ModelyardError
}

async function listOf(provider: Provider, signal: AbortSignal): Promise<ListAnswer> {
  try {
    return { provider, models: await provider.list(signal) }
  } catch (error) {
    return { provider, models: [], error: ModelyardError.from(error) }
  }
}

/** Clients of Ollama put it behind every name that has no tag, whatever engine the model is in. */
export const withoutLatest = (name: string): string => name.replace(/:latest$/, '')

/** By the engine's own rules of equality; else, where just one ends so, by the last segment of its name. */
function matches(answer: ListAnswer, written: string): Resolved[] {
  const { provider, models } = answer
  const name = withoutLatest(written)
  const exact = named(answer, written) ?? named(answer, name)
  if (exact) return [{ provider, model: exact }]
  if (name.includes('/')) return []
  return models.filter((model) => model.name.includes('/') && model.name.endsWith(`/${name}`)).map((model) => ({ provider, model }))
}

const named = ({ provider, models }: ListAnswer, name: string): ListedModel | undefined =>
  models.find((model) => model.name === name) ?? models.find((model) => provider.sameModel(model.name, name))

interface Choosing {
  readonly found: readonly Resolved[]
  readonly answers: readonly ListAnswer[]
  readonly name: string
  readonly preferred?: string | undefined
}

/** Equal bytes in several engines are not ambiguous: the slot's provider wins, then the order of the configuration. */
function choose({ found, answers, name, preferred }: Choosing): Resolved {
  const first = found.find((one) => one.provider.id === preferred) ?? found[0]
  if (!first) throw notFound(answers, name)
  if (found.length === 1 || found.every((one) => sameBytes(one.model, first.model))) return first
  const candidates = found.map((one) => joinRef(one.provider.id, one.model.name))
  throw new ModelyardError('model_ambiguous', `"${name}" is the name of ${candidates.length} models: ${candidates.join(', ')}.`, {
    details: { candidates },
  })
}

const sameBytes = (a: ListedModel, b: ListedModel): boolean => a.identity?.startsWith('sha256:') === true && a.identity === b.identity

function notFound(answers: readonly ListAnswer[], name: string): ModelyardError {
  const silent = answers.filter((answer) => answer.error)
  const only = answers.length === 1 ? answers[0]?.error : undefined
  if (only) return only
  if (answers.length > 0 && silent.length === answers.length) {
    return new ModelyardError('provider_unreachable', `No provider answers, so "${name}" could not be looked for.`, {
      hint: 'See what is wrong with each: `modelyard providers`.',
    })
  }
  const where = answers.filter((answer) => !answer.error).map((answer) => answer.provider.id)
  const not = silent.length === 0 ? '' : ` Not asked, since they do not answer: ${silent.map((one) => one.provider.id).join(', ')}.`
  return new ModelyardError('model_not_found', `"${name}" is not a model of ${where.join(', ') || 'any provider'}.${not}`, {
    details: { near: nearNames(answers, name) },
  })
}

/** Names that share the beginning, to show what might have been meant. */
function nearNames(answers: readonly ListAnswer[], name: string): string[] {
  const start = (name.split('/').at(-1) ?? name).slice(0, 4).toLowerCase()
  return answers
    .flatMap(({ provider, models }) => models.map((model) => joinRef(provider.id, model.name)))
    .filter((ref) => ref.toLowerCase().includes(start))
    .slice(0, 5)
}

function requireChat(directory: Directory, { provider, model }: Resolved): void {
  const kind = directory.kindOf(provider.id, model)
  if (kind === 'chat') return
  throw new ModelyardError(
    'not_a_chat_model',
    `${joinRef(provider.id, model.name)} ${kind === 'other' ? 'is no chat model' : `is of the kind "${kind}"`}.`,
    {
      details: { kind },
    },
  )
}
