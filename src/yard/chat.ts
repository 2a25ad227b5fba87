/** The chat client: one object for the life of an app, whose target moves underneath it. */
import { abortReason, type ChatEvent, chatRequest, ModelyardError, wholeAnswer } from '../contract/index.ts'
import type { ChatPart, ProviderChatRequest } from '../providers/provider.ts'
import type { Admission, Admitted } from './admit.ts'
import type { Cancellable, ChatClient } from './yard.ts'

type Answering = Exclude<ChatEvent, { type: 'error' }>
type Request = Parameters<ChatClient['stream']>[0]

export interface ChatOptions {
  readonly admission: Admission
  readonly closing: AbortSignal
}

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
    yield* parts(options, admitted, { ...request, model: admitted.name, load: admitted.load }, stop)
  } finally {
    ended.abort(new ModelyardError('cancelled'))
    admitted.release()
  }
}

async function* parts(
  options: ChatOptions,
  admitted: Admitted,
  request: ProviderChatRequest,
  signal: AbortSignal,
): AsyncGenerator<Answering> {
  const { provider } = admitted
  const onRetry = (reason: string): void => options.admission.retried(admitted, reason)
  for await (const part of provider.chat(request, { signal, onRetry })) {
    yield part.type === 'start' ? startOf(admitted) : eventOf(part)
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
async function admit({ admission }: ChatOptions, slot: string, model: string | undefined, signal: AbortSignal): Promise<Admitted> {
  if (model !== undefined) return admission.directly(model, { chatOnly: true, signal })
  return admission.tryEnter(slot) ?? (await admission.enter(slot, signal))
}

function startOf({ ref, slot, epoch }: Admitted): Extract<Answering, { type: 'start' }> {
  return { type: 'start', model: ref, ...(slot !== undefined && { slot }), ...(epoch !== undefined && { epoch }) }
}
