/**
 * The contract of a client's dialect: pure functions between what a client says and our neutral form (`ChatRequest`,
 * `ChatPart` of the contract and the providers). Nothing here knows an engine, a slot or a socket.
 *
 * What a dialect's field becomes is data (`fields`): the documents' table is made from it and `parse` obeys it.
 */
import type { ModelyardError, WholeAnswer } from '../contract/index.ts'
import type { ChatPart, Embeddings, EmbedRequest, ProviderChatRequest } from '../providers/provider.ts'

export type Fields = Record<string, unknown>

/** A chat as the neutral form knows it, without who is to answer. */
export type NeutralChat = Omit<ProviderChatRequest, 'model' | 'load'>
export type NeutralAnswer = Pick<WholeAnswer, 'text' | 'reasoning' | 'toolCalls' | 'logprobs' | 'finishReason' | 'usage'>

/**
 * `carried`: its meaning reaches the engine; `ignored`: it changes nothing in the answer; `refused`: the engine could not be
 * told, so it is a 400 that names it, unless its value asks for nothing (null, false, 0, an empty list). Fields that are
 * not named here are ignored, as engines do.
 */
export type FieldFate = 'carried' | 'ignored' | 'refused'

export interface AskedChat {
  readonly chat: NeutralChat
  readonly stream: boolean
}

/** What is the same in all pieces of one answer. */
export interface Answering {
  /** The model's name in its engine. */
  readonly model: string
  /** Unique, letters and digits only; a dialect puts its own prefix before it. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Milliseconds since `at`, of a clock that only goes forward: for durations. */
  readonly clock: () => number
}

/** Writes one answer. Holds the state of its stream. */
export interface AnswerWriter {
  /** What this part adds to the stream, whole events or lines; may be empty. `start` comes first, `end` last. */
  write(part: ChatPart): string
}

export interface ChatDialect {
  readonly fields: Readonly<Record<string, FieldFate>>
  /** Throws `invalid_request` with `details.field` (such as `messages[2].content[0].image_url`) for what it cannot read or carry. */
  parse(body: Fields): AskedChat
  /** The streamed answer to this body. */
  writer(answering: Answering, body: Fields): AnswerWriter
  /** The answer to this body at once: a JSON value. */
  whole(answering: Answering, body: Fields, answer: NeutralAnswer): unknown
}

export interface EmbedDialect {
  readonly fields: Readonly<Record<string, FieldFate>>
  parse(body: Fields): Omit<EmbedRequest, 'model' | 'load'>
  whole(answering: Answering, body: Fields, embeddings: Embeddings): unknown
}

export interface DialectError {
  readonly status: number
  readonly body: unknown
}

/** What all routes of a dialect have in common. */
export interface Dialect {
  readonly name: 'openai' | 'anthropic' | 'ollama'
  readonly streamType: 'text/event-stream' | 'application/x-ndjson'
  /** Says to a client that waits that we are alive; absent where the dialect has no word for it. */
  readonly keepAlive?: string
  /** A line that clients skip, with this text in it; absent likewise. */
  readonly comment?: (text: string) => string
  /** Tells a client, in an error that is an answer, whether to send the same once more; absent where none looks for it. */
  readonly retryHeader?: 'x-should-retry'
  error(error: ModelyardError): DialectError
  /** The same in a stream that has begun: it ends with this and has no end mark. */
  streamError(error: ModelyardError): string
}
