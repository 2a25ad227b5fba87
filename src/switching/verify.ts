/**
 * The proof: the model is asked for at most 10 tokens with the options that traffic will use, and it must be this
 * model that answers. Text counts, thinking counts, white space and U+FFFD count; zero tokens, another model, an error
 * inside a 200 and an answer without its end do not.
 */
import { ModelyardError, type Verification } from '../contract/index.ts'
import type { ChatPart, Provider } from '../providers/provider.ts'
import type { Target } from './ports.ts'

export const verificationTokens = 10
const baseMs = 30_000
const bytesPerMs = 200_000

/** 30 s and the time to read the model at 200 MB/s: the prompt may have to load it. */
export const verificationDeadlineMs = (sizeBytes?: number): number => Math.round(baseMs + (sizeBytes ?? 0) / bytesPerMs)

export interface VerifyOptions {
  readonly provider: Provider
  readonly target: Target
  readonly sizeBytes?: number | undefined
  readonly signal: AbortSignal
  readonly now: () => number
}

export async function verify(options: VerifyOptions): Promise<Verification> {
  const { provider, target, signal, now } = options
  const deadlineMs = verificationDeadlineMs(options.sizeBytes)
  const deadline = AbortSignal.timeout(deadlineMs)
  const started = now()
  try {
    const answer = await ask(provider, target, AbortSignal.any([signal, deadline]))
    const model = await whoAnswered(options, answer)
    return { ...answer.said, model, ms: now() - started }
  } catch (error) {
    if (signal.aborted) throw ModelyardError.from(signal.reason)
    if (deadline.aborted)
      throw new ModelyardError('verification_failed', `It was loaded but gave no answer within ${Math.round(deadlineMs / 1000)} s.`, {
        cause: error,
      })
    throw asVerificationError(error)
  }
}

interface Answer {
  readonly said: { text: string; tokens: number; reasoning: boolean }
  readonly models: readonly string[]
}

async function ask(provider: Provider, target: Target, signal: AbortSignal): Promise<Answer> {
  let text = ''
  let thought = ''
  let pieces = 0
  const models = new Set<string>()
  let end: Extract<ChatPart, { type: 'end' }> | undefined
  const request = {
    model: target.name,
    messages: [{ role: 'user' as const, content: 'Say hello.' }],
    load: target.load,
    maxTokens: verificationTokens,
  }
  for await (const part of provider.chat(request, { signal })) {
    if (part.type === 'delta') text += part.text
    if (part.type === 'reasoning') thought += part.text
    if (part.type === 'delta' || part.type === 'reasoning') pieces += part.text === '' ? 0 : 1
    if ((part.type === 'start' || part.type === 'end') && part.model !== undefined) models.add(part.model)
    if (part.type === 'end') end = part
  }
  if (!end) throw new ModelyardError('verification_failed', 'Its answer was cut off.')
  const tokens = end.usage?.completionTokens ?? pieces
  if (text === '' && thought === '' && tokens === 0) throw new ModelyardError('verification_failed', 'It answered with nothing at all.')
  return { said: { text: (text || thought).slice(0, 400), tokens, reasoning: text === '' && thought !== '' }, models: [...models] }
}

/** By the engine's own word where that can be trusted, else by what it says is in memory. */
async function whoAnswered({ provider, target, signal }: VerifyOptions, { models }: Answer): Promise<string> {
  const foreign = models.find((model) => !provider.sameModel(model, target.name))
  if (provider.capabilities.namesAnsweringModel && foreign !== undefined) {
    throw new ModelyardError('verification_failed', `Another model answered: ${foreign} instead of ${target.name}.`, {
      details: { answered: foreign },
    })
  }
  if (provider.capabilities.loadedState && models.length === 0) {
    const loaded = await provider.loaded(signal)
    if (!loaded.some((one) => provider.sameModel(one.name, target.name))) {
      throw new ModelyardError('verification_failed', `Something answered, but ${target.name} is not in memory.`)
    }
  }
  return models[0] ?? target.name
}

/** The engine's code is kept where it says more than that the verification failed. */
function asVerificationError(error: unknown): ModelyardError {
  const known = ModelyardError.from(error)
  const telling = [
    'out_of_memory',
    'load_failed',
    'provider_unreachable',
    'not_a_chat_model',
    'model_not_found',
    'verification_failed',
    'provider_unauthorized',
  ]
  if (telling.includes(known.code)) return known
  return new ModelyardError('verification_failed', known.message, { cause: error })
}
