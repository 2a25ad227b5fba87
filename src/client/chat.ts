import { type ChatEvent, type ChatRequest, ModelyardError } from '../contract/index.ts'
import { callOf, type Transport } from './transport.ts'
import type { Cancellable, Chat, ChatAnswer, ChatPart } from './types.ts'

export function chatThrough(transport: Transport, slot: string): Chat {
  const stream = (request: ChatRequest & Cancellable): AsyncGenerator<ChatPart, void, void> => streamChat(transport, slot, request)
  return { stream, complete: (request) => collect(stream(request)) }
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

async function collect(parts: AsyncIterable<ChatPart>): Promise<ChatAnswer> {
  const answer: ChatAnswer = { model: '', text: '', reasoning: '', finishReason: 'other' }
  for await (const part of parts) {
    if (part.type === 'start') Object.assign(answer, { model: part.model }, part.epoch !== undefined && { epoch: part.epoch })
    else if (part.type === 'delta') answer.text += part.text
    else if (part.type === 'reasoning') answer.reasoning += part.text
    else Object.assign(answer, { finishReason: part.finishReason }, part.usage && { usage: part.usage })
  }
  return answer
}
