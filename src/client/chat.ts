import { type ChatEvent, type ChatRequest, ModelyardError, wholeAnswer } from '../contract/index.ts'
import { callOf, type Transport } from './transport.ts'
import type { Cancellable, Chat, ChatPart } from './types.ts'

export function chatThrough(transport: Transport, slot: string): Chat {
  const stream = (request: ChatRequest & Cancellable): AsyncGenerator<ChatPart, void, void> => streamChat(transport, slot, request)
  return { stream, complete: (request) => wholeAnswer(stream(request)) }
}

async function* streamChat(
  transport: Transport,
  slot: string,
  { signal, ...body }: ChatRequest & Cancellable,
): AsyncGenerator<ChatPart, void, void> {
  for await (const event of transport.stream(callOf('chat', { params: { slot }, body, signal })) as AsyncIterable<ChatEvent>) {
    if (event.type === 'error') throw ModelyardError.fromBody(event.error)
    yield event
    if (event.type === 'end') return
  }
  throw new ModelyardError('service_unreachable', 'The connection was lost before the answer was complete.')
}
