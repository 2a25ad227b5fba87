/** The chat client: one object for the life of an app, whose target moves underneath it. */
import { abortReason, type ChatEvent, chatRequest, ModelyardError, wholeAnswer } from '../contract/index.ts'
import type { ChatPart, ProviderChatRequest } from '../providers/provider.ts'
import type { Admission, Admitted } from './admit.ts'
import { enterCounted } from './enter-counted.ts'
import { outcomeOf, type RunningRequest, type UsageEnd, type UsageMeter } from './usage.ts'
import type { Cancellable, ChatClient } from './yard.ts'

type Answering = Exclude<ChatEvent, { type: 'error' }>
type Request = Parameters<ChatClient['stream']>[0]

export interface ChatOptions {
  readonly admission: Admission
  readonly meter: UsageMeter
  readonly closing: AbortSignal
}

interface Running {
  readonly admitted: Admitted
  /** Where it is counted. */
  readonly running: RunningRequest
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
  const begun = await admit(options, slot, request.model, stop)
  const { admitted } = begun
  try {
    yield* parts(options, begun, { ...request, model: admitted.name, load: admitted.load }, stop)
  } finally {
    ended.abort(new ModelyardError('cancelled'))
    admitted.release()
  }
}

async function* parts(
  options: ChatOptions,
  { admitted, running }: Running,
  request: ProviderChatRequest,
  signal: AbortSignal,
): AsyncGenerator<Answering> {
  const { provider } = admitted
  const onRetry = (reason: string): void => options.admission.retried(admitted, reason)
  let end: UsageEnd = { outcome: 'left' }
  try {
    for await (const part of provider.chat(request, { signal, onRetry })) {
      if (part.type === 'end') end = { outcome: 'ok', ...part.usage }
      else if (part.type !== 'start') running.firstToken()
      yield part.type === 'start' ? startOf(admitted) : eventOf(part)
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
async function admit(options: ChatOptions, slot: string, model: string | undefined, signal: AbortSignal): Promise<Running> {
  const { admission, meter } = options
  if (model !== undefined) {
    const admitted = await admission.directly(model, { chatOnly: true, signal })
    return { admitted, running: meter.begin({ ref: admitted.ref, route }) }
  }
  const { admitted, waitedMs } = await enterCounted(options, { slot, route, signal })
  return { admitted, running: meter.begin({ slot, ref: admitted.ref, route, waitedMs }) }
}

function startOf({ ref, slot, epoch }: Admitted): Extract<Answering, { type: 'start' }> {
  return { type: 'start', model: ref, ...(slot !== undefined && { slot }), ...(epoch !== undefined && { epoch }) }
}
