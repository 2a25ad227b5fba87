/**
 * The contract of a backend, and the document of it.
 *
 * A provider speaks one engine's protocol and nothing else: it holds no slot, decides no policy, retries nothing but
 * what is said here, and keeps no state that a second provider for the same engine would miss (only what it itself
 * loaded, for `loadedBy`). What the engine sends is attacker data: read with limits, by shape, never trusted.
 *
 * Errors: every method throws `ModelyardError` only, and every failure maps to one code:
 *
 * | what happened | code |
 * |---|---|
 * | connection refused, reset before an answer, name unknown | `provider_unreachable` |
 * | installed but its server does not run | `provider_stopped` |
 * | the optional package or the program is missing | `provider_not_installed` |
 * | 401, or 403 with a key | `provider_unauthorized` |
 * | the answer's fingerprint is another program's | `provider_impostor` |
 * | unknown model | `model_not_found` |
 * | the engine says the model cannot chat | `not_a_chat_model` |
 * | out of memory, by the engine's words | `out_of_memory` |
 * | any other failed load | `load_failed` |
 * | prompt longer than the context | `context_length_exceeded` |
 * | the engine is asked for what it cannot do | `unsupported_operation` |
 * | a chat says what cannot be said to this engine, or nothing that makes sense | `invalid_request`, with the neutral field in `details.field` |
 * | 503 or a full queue | `provider_busy` |
 * | not JSON, cut JSON, wrong types, a stream without its end mark, more than the limit | `provider_protocol` |
 * | a redirect (never followed) | `provider_protocol` |
 * | any other error of the engine | `provider_error`, its own words cleaned of control characters and paths |
 * | the caller's signal | the signal's reason, else `cancelled` |
 * | a limit of time | `timeout` |
 *
 * Retries: a GET that changes nothing is tried once more on a fresh connection when the pooled connection died before
 * one byte of answer came (a restarted engine; llama-server closes after each stream). `chat` likewise, because the
 * engine had not begun to answer; `onRetry` tells. `load` and `unload` are never repeated. Nothing is retried after
 * the first byte.
 *
 * Time: `probe` 1.5 s, `list`, `loaded` (10 s) and `show` 5 s, set by `withTimeLimit`. `load` has no limit while
 * progress arrives, else 60 s + 20 s per GiB of the model. `chat`: 10 minutes before the first byte, 2 minutes between
 * bytes.
 */
import type {
  AnswerPart,
  Capabilities,
  ChatMessage,
  ChatRequest,
  FinishReason,
  LoadOptions,
  ModelCapability,
  ModelKind,
  ProviderKind,
  ProviderState,
  Usage,
} from '../contract/index.ts'
import type { HeldFile, Importing, PullProgress, Removing } from './files-of-models.ts'

/** An API that an engine speaks itself, for a gateway that passes bytes through. */
export interface NativeDialect {
  readonly dialect: 'openai' | 'anthropic' | 'ollama'
  /** Base URL without a slash at its end; the dialect's usual paths follow (`/v1/chat/completions`, `/api/chat`, `/v1/messages`). */
  readonly baseUrl: string
  /** Headers to send to the engine, its key included. Lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** How the engine calls a model of this name in a request; absent: by the same name. */
  readonly idOf?: (name: string) => string
  /**
   * What has to be changed in a request: outermost members of its body with their new values. `load`: the options the
   * model is to stay loaded with, whatever the client wrote; absent: the client's own hold. `written` tells the client's
   * value of a member. Undefined: this dialect cannot say what has to be said. Absent: nothing ever has to be.
   */
  readonly adapt?: (request: NativeRequest) => Readonly<Record<string, unknown>> | undefined
}

export interface NativeRequest {
  /** Such as `/api/chat`. */
  readonly path: string
  readonly load: LoadOptions | undefined
  readonly written: (member: string) => unknown
  /** Does this text occur anywhere in the body, as its client wrote it? */
  readonly mentions: (text: string) => boolean
}

export interface ProbeResult {
  readonly state: ProviderState
  readonly version?: string | undefined
  /** Present when this engine, as it is now, can do other things than `Provider.capabilities` says by default. */
  readonly capabilities?: Capabilities | undefined
  readonly error?: { readonly code: string; readonly message: string } | undefined
  /** What a person can do about it. */
  readonly hint?: string | undefined
}

/** A model as its engine lists it. Absent is unknown. */
export interface ListedModel {
  readonly name: string
  /** Same weights, other name: equal keys are the same model within a provider (digest, path). */
  readonly identity?: string | undefined
  readonly kind: ModelKind
  readonly capabilities: readonly ModelCapability[]
  readonly displayName?: string | undefined
  readonly family?: string | undefined
  readonly parameters?: string | undefined
  readonly quantization?: string | undefined
  readonly format?: string | undefined
  readonly sizeBytes?: number | undefined
  readonly contextLength?: number | undefined
  /** ISO 8601 */
  readonly modifiedAt?: string | undefined
  /** It does not run on this machine (a cloud stub): never loaded, unloaded or counted in memory. */
  readonly remote?: boolean | undefined
}

/** What decides how much memory a model's context takes. */
export interface Architecture {
  readonly layers: number
  readonly headsKv: number
  readonly keyLength: number
  readonly valueLength: number
}

export interface ModelDetails extends ListedModel {
  readonly template?: string | undefined
  readonly architecture?: Architecture | undefined
  /** Files of the model on this machine, where the engine's folder is known. Never crosses a door as it is. */
  readonly files?: readonly { readonly path: string; readonly bytes: number }[] | undefined
}

/** One model in memory. */
export interface LoadedInstance {
  /** The name under which `list` knows it. */
  readonly name: string
  /** What `unload` takes where one model can be loaded twice. */
  readonly instanceId?: string | undefined
  readonly contextLength?: number | undefined
  /** All memory, GPU included. */
  readonly memoryBytes?: number | undefined
  readonly gpuBytes?: number | undefined
  /** ISO 8601; absent: never, or unknown. */
  readonly expiresAt?: string | undefined
  /** The options it runs with, as far as the engine tells: what a roll back loads again. */
  readonly load?: LoadOptions | undefined
  readonly loadedBy: 'us' | 'other'
  /** `loading` instances cannot answer yet. */
  readonly state?: 'loading' | 'ready' | undefined
}

export interface LoadContext {
  readonly signal: AbortSignal
  /** 0 to 1; called only by engines with `loadProgress`. */
  readonly onProgress?: ((share: number) => void) | undefined
  /** Bytes of the model if known: sets the limit of a load that reports no progress. */
  readonly sizeBytes?: number | undefined
}

/** What the neutral chat says, and with which options the model is loaded. */
export interface ProviderChatRequest extends Omit<ChatRequest, 'messages' | 'model'> {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  /** The options the model was loaded with: sent along where an engine would reload without them (Ollama). */
  readonly load?: LoadOptions | undefined
}

/** Parts of an answer: exactly one `start` first, exactly one `end` last; a failure throws instead of `end`. */
export type ChatPart =
  | {
      readonly type: 'start' /** Which model answers, in the engine's words; absent where it does not say. */
      readonly model?: string | undefined
    }
  | AnswerPart
  | { readonly type: 'end'; readonly finishReason: FinishReason; readonly usage?: Usage | undefined; readonly model?: string | undefined }

/** Texts whose meaning is wanted as vectors. */
export interface EmbedRequest {
  readonly model: string
  readonly input: readonly string[]
  readonly load?: LoadOptions | undefined
  /** Length of the vectors, where the model can be asked for another. */
  readonly dimensions?: number | undefined
}

export interface Embeddings {
  /** One for each input, in its order. */
  readonly vectors: readonly (readonly number[])[]
  readonly promptTokens?: number | undefined
}

export interface ChatContext {
  readonly signal: AbortSignal
  /** Called when the request is sent once more on a fresh connection. */
  readonly onRetry?: ((reason: string) => void) | undefined
  /** false: it has been sent once more already. */
  readonly retry?: boolean
  /** Milliseconds of silence that are borne before the answer begins, and within it, where other than usual. */
  readonly silence?: { readonly firstByteMs: number; readonly idleMs: number } | undefined
}

export type * from './files-of-models.ts'

export interface Provider {
  readonly id: string
  readonly kind: ProviderKind
  /** Where it is, without credentials; absent for the embedded provider. */
  readonly baseUrl: string | undefined
  /** What its kind can do unless the last probe said otherwise. */
  readonly capabilities: Capabilities
  /** Dialects the engine speaks natively; empty for the embedded provider. */
  dialects(): readonly NativeDialect[]

  /**
   * Is it there, and is it what it should be? By the fingerprint of the answer, never by port or status alone. Sends
   * no credential before the fingerprint matches. Throws only for the caller's signal: everything else is a state.
   */
  probe(signal: AbortSignal): Promise<ProbeResult>

  /** Every model it holds, of every kind. Idempotent. */
  list(signal: AbortSignal): Promise<readonly ListedModel[]>

  /** What is in memory now. Idempotent. Empty where `loadedState` is false. */
  loaded(signal: AbortSignal): Promise<readonly LoadedInstance[]>

  /** One model. Throws `model_not_found`. Idempotent. */
  show(name: string, signal: AbortSignal): Promise<ModelDetails>

  /**
   * Loads with these options and answers when the model is ready. Idempotent: the same model with the same options is
   * not loaded twice. An abort leaves nothing half loaded: the load is ended in the engine, or unloaded when it comes.
   */
  load(name: string, options: LoadOptions, context: LoadContext): Promise<LoadedInstance>

  /**
   * Answers when the engine no longer lists it in memory. Of a model that is not loaded: done, no error. With an
   * `instanceId` only that instance. An abort may leave it unloading.
   */
  unload(target: { readonly name: string; readonly instanceId?: string | undefined }, signal: AbortSignal): Promise<void>

  /**
   * Streams one answer. Leaving the iterator or aborting ends the engine's work. Back-pressure: nothing is read from
   * the engine faster than the iterator is pulled.
   */
  chat(request: ProviderChatRequest, context: ChatContext): AsyncIterable<ChatPart>

  /**
   * Vectors of texts. Throws `unsupported_operation` where this model or engine has none, `context_length_exceeded` for a
   * text that is too long. Idempotent; tried once more like `chat`.
   */
  embed?(request: EmbedRequest, context: ChatContext): Promise<Embeddings>

  /** Tokens that the prompt of this chat has. Only where the engine can tell without generating. Idempotent. */
  countTokens?(request: ProviderChatRequest, context: ChatContext): Promise<number>

  /** Do both names mean the same model here? (`qwen3` is `qwen3:latest`; letters' case in Ollama.) */
  sameModel(a: string, b: string): boolean

  /** Only where `capabilities.import` is not `none`. */
  readonly importing?: Importing | undefined
  /** Only where `capabilities.remove` is not `none`. */
  readonly removing?: Removing | undefined
  /**
   * The weights and projectors it holds, where its folder is known and can be read; empty elsewhere. With a name only
   * those of that model. Throws only for the signal.
   */
  files?(signal: AbortSignal, name?: string): Promise<readonly HeldFile[]>
  /**
   * The engine's own download. Ends when the engine says that the model is there and lists it; an error inside its
   * stream throws `import_failed`. Leaving or aborting ends it unless `pullStops` is false; asked again it goes on where
   * it was, where the engine can. Only where `capabilities.pull`.
   */
  pull?(name: string, signal: AbortSignal): AsyncIterable<PullProgress>
  /** false: the engine goes on with a download that is left, so that it can be neither paused nor cancelled. */
  readonly pullStops?: boolean | undefined

  /** Starts the engine's server and answers when it is ready. Only where `capabilities.start`. */
  start?(signal: AbortSignal): Promise<void>

  /**
   * Says that a slot uses this provider (true) or no slot does (false), so that it may keep ready what a switch would
   * wait for (the embedded provider's spare child).
   */
  keepWarm?(wanted: boolean): void

  /** Something changed that a poll would only see later (a child died). Returns what unsubscribes. */
  onChange?(listener: () => void): () => void

  /** Lets go of connections and children. Idempotent. */
  close(): Promise<void>
}
