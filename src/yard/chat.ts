/** The chat client: one object for the life of an app, whose target moves underneath it. */
import { abortReason, type ChatEvent, chatRequest, type EventInput, joinRef, ModelyardError, wholeAnswer } from '../contract/index.ts'
import type { ChatPart, Provider, ProviderChatRequest } from '../providers/provider.ts'
import type { SwitchStore } from '../store/store.ts'
import type { Directory } from '../switching/directory.ts'
import { resolveModel } from '../switching/resolve.ts'
import type { Switcher } from '../switching/switcher.ts'
import { takeLease } from './take-lease.ts'
import { outcomeOf, type RunningRequest, type UsageEnd, type UsageMeter } from './usage.ts'
import type { Cancellable, ChatClient } from './yard.ts'

type Answering = Exclude<ChatEvent, { type: 'error' }>
type Request = Parameters<ChatClient['stream']>[0]

export interface ChatOptions {
  readonly directory: Directory
  readonly store: Pick<SwitchStore, 'loadOptions'>
  readonly switcher: Switcher
  readonly meter: UsageMeter
  readonly emit: (event: EventInput) => void
  readonly closing: AbortSignal
}

/** Who answers one request, and what is given back when it has ended. */
interface Admitted {
  readonly provider: Provider
  readonly name: string
  readonly load: ProviderChatRequest['load']
  readonly start: Extract<Answering, { type: 'start' }>
  readonly running: RunningRequest
  readonly release: () => void
}

/** Of all chats of ours, as numbers are counted by. */
const route = 'yard.chat'

export function createChat(options: ChatOptions, slot: string): ChatClient {
  const stream = (request: Request): AsyncIterable<Answering> => answer(options, slot, request)
  return { stream, complete: (request) => wholeAnswer(stream(request)) }
}

async function* answer(options: ChatOptions, slot: string, { signal, ...body }: Request): AsyncGenerator<Answering> {
  const request = parse(body)
  const ended = new AbortController()
  const stop = AbortSignal.any([ended.signal, options.closing, ...(signal ? [signal] : [])])
  if (stop.aborted) throw abortReason(stop)
  const admitted = await admit(options, slot, request.model, stop)
  try {
    yield* parts(options, slot, admitted, { ...request, model: admitted.name, load: admitted.load }, stop)
  } finally {
    ended.abort(new ModelyardError('cancelled'))
    admitted.release()
  }
}

async function* parts(
  options: ChatOptions,
  slot: string,
  admitted: Admitted,
  request: ProviderChatRequest,
  signal: AbortSignal,
): AsyncGenerator<Answering> {
  const { provider, running } = admitted
  const onRetry = (reason: string): void => options.emit({ type: 'request.retried', slot, provider: provider.id, reason })
  let end: UsageEnd = { outcome: 'left' }
  try {
    for await (const part of provider.chat(request, { signal, onRetry })) {
      if (part.type === 'end') end = { outcome: 'ok', ...part.usage }
      else if (part.type !== 'start') running.firstToken()
      yield part.type === 'start' ? admitted.start : eventOf(part)
    }
  } catch (error) {
    end = { outcome: outcomeOf(error, signal) }
    throw error
  } finally {
    running.end(end)
  }
}

function eventOf(part: Exclude<ChatPart, { type: 'start' }>): Answering {
  if (part.type !== 'end') return part
  return { type: 'end', finishReason: part.finishReason, ...(part.usage && { usage: part.usage }) }
}

function parse(body: Omit<Request, keyof Cancellable>) {
  const checked = chatRequest.safeParse(body)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw new ModelyardError(
    'invalid_request',
    `The request is not valid at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown form'}.`,
  )
}

/** Through the slot with a lease; or, with a model named, by that model, and no slot moves. */
function admit(options: ChatOptions, slot: string, model: string | undefined, signal: AbortSignal): Promise<Admitted> {
  return model === undefined ? throughSlot(options, slot, signal) : directly(options, model, signal)
}

async function throughSlot({ directory, switcher, meter }: ChatOptions, slot: string, signal: AbortSignal): Promise<Admitted> {
  const { lease, waitedMs } = await takeLease({ switcher, meter }, { slot, route, signal })
  const { target, epoch, release } = lease
  const provider = directory.provider(target.provider)
  if (!provider) {
    release()
    meter.refused({ slot, route, outcome: 'provider_not_found' })
    throw new ModelyardError('provider_not_found', `There is no provider "${target.provider}" any more.`)
  }
  const ref = joinRef(target.provider, target.name)
  const running = meter.begin({ slot, ref, route, waitedMs })
  return { provider, name: target.name, load: target.load, start: { type: 'start', model: ref, slot, epoch }, running, release }
}

async function directly({ directory, store, meter }: ChatOptions, wanted: string, signal: AbortSignal): Promise<Admitted> {
  const { provider, model } = await resolveModel(directory, { model: wanted, chatOnly: true, signal })
  const ref = joinRef(provider.id, model.name)
  const load = store.loadOptions(provider.id, model.name)
  return { provider, name: model.name, load, start: { type: 'start', model: ref }, running: meter.begin({ ref, route }), release: () => {} }
}
