/** An answer through the neutral form: for engines that do not speak the client's dialect, or cannot be told in it what they have to be told. */
import { gathered, gatherParts, ModelyardError, type Usage } from '../contract/index.ts'
import type { ChatContext, ChatPart } from '../providers/provider.ts'
import type { Admitted } from '../yard/admit.ts'
import { begin, type Call, fail, otherAnswered, sendJson } from './call.ts'
import type { Answering, AskedChat, ChatDialect, Fields } from './dialect.ts'
import { untilTaken } from './stalled.ts'

export interface Translating {
  readonly call: Call
  readonly admitted: Admitted
  readonly chatDialect: ChatDialect
  readonly asked: AskedChat
  readonly body: Fields
  readonly answering: Answering
  /** Is this the model that was asked, by the engine's own word for it? */
  readonly isAnswerer: (said: string) => boolean
  readonly asking: Omit<ChatContext, 'signal'>
  readonly onFirstByte: () => void
}

export interface Translated {
  readonly usage: Usage
  /** It has failed after it began; its client was told. */
  readonly error?: ModelyardError
}

/** Rejects while nothing has been written to the client. */
export async function translate(translating: Translating): Promise<Translated> {
  const { call, admitted, asked, asking } = translating
  const request = { ...asked.chat, model: admitted.name, load: admitted.load }
  const parts = admitted.provider.chat(request, { signal: call.signal, ...asking })[Symbol.asyncIterator]()
  try {
    // A failure before something was said is an answer with a status, and may be tried once more.
    const [start, first] = [await parts.next(), await parts.next()]
    if (start.done || first.done) throw new ModelyardError('provider_protocol', 'The engine answered with nothing.')
    refuseOther(translating, start.value)
    translating.onFirstByte()
    const all = following([start.value, first.value], parts)
    return await (asked.stream ? streamed(translating, all) : whole(translating, all))
  } finally {
    parts.return?.().catch(() => undefined)
  }
}

/** An answer of another model is none, wherever in it that is said. */
function refuseOther({ admitted, isAnswerer }: Translating, part: ChatPart): void {
  if ((part.type !== 'start' && part.type !== 'end') || part.model === undefined || isAnswerer(part.model)) return
  throw otherAnswered(admitted.provider.id, part.model, admitted.name)
}

async function* following(first: readonly ChatPart[], parts: AsyncIterator<ChatPart>): AsyncGenerator<ChatPart, void, void> {
  yield* first
  for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value
}

async function streamed(translating: Translating, parts: AsyncIterable<ChatPart>): Promise<Translated> {
  const { call, chatDialect, answering, body } = translating
  const { response, dialect } = call
  const writer = chatDialect.writer(answering, body)
  let usage: Usage = {}
  begin(call, dialect.streamType)
  try {
    for await (const part of parts) {
      refuseOther(translating, part)
      const text = writer.write(part)
      if (text !== '' && !response.write(text)) await untilTaken(call)
      if (part.type === 'end') usage = part.usage ?? {}
    }
    response.end()
    return { usage }
  } catch (error) {
    const reason = call.signal.aborted ? ModelyardError.from(call.signal.reason) : ModelyardError.from(error)
    fail(call, reason)
    return { usage, error: reason }
  }
}

async function whole(translating: Translating, parts: AsyncIterable<ChatPart>): Promise<Translated> {
  const { call, chatDialect, answering, body } = translating
  const gathering = gatherParts()
  let end: Extract<ChatPart, { type: 'end' }> = { type: 'end', finishReason: 'other' }
  for await (const part of parts) {
    refuseOther(translating, part)
    if (part.type === 'end') end = part
    else if (part.type !== 'start') gathering.add(part)
  }
  const { finishReason, usage } = end
  const answer = { ...gathered(gathering), finishReason, ...(usage && { usage }) }
  sendJson(call, 200, chatDialect.whole(answering, body, answer))
  return { usage: usage ?? {} }
}
