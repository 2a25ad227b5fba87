/** The client's verbs: those of the yard itself, over HTTP or over one WebSocket. */
import type {
  AppToken,
  BrowserSession,
  Catalog,
  ChatEvent,
  ChatRequest,
  EffectiveConfig,
  Finding,
  Hardware,
  HubRepository,
  HubResult,
  Job,
  JobPlan,
  JobRequest,
  LoadedModel,
  LoadOptions,
  Model,
  ModelPatch,
  ModelyardError,
  NewToken,
  Policy,
  ProviderInfo,
  ProviderOutcome,
  Removal,
  SessionCode,
  SettingsPatch,
  Slot,
  SlotSettings,
  Status,
  SwitchRecord,
  SwitchResult,
  TokenRequest,
  UsageQuery,
  UsageSample,
  WholeAnswer,
  YardEvent,
} from '../contract/index.ts'

export interface Cancellable {
  readonly signal?: AbortSignal | undefined
}

export interface RemoveOptions extends Cancellable {
  /** Only says what would go. */
  readonly dryRun?: boolean | undefined
  /** The slots of the model are switched to this one first, verified. */
  readonly replaceWith?: string | undefined
  readonly emptySlots?: boolean | undefined
  /** Files that somebody else put there may go. */
  readonly foreign?: boolean | undefined
}

export interface SwitchOptions extends Cancellable {
  readonly provider?: string | undefined
  readonly policy?: Policy | undefined
  readonly load?: LoadOptions | undefined
  /** Told every event of this switch while it runs, in order. */
  readonly onEvent?: ((event: SwitchEvent) => void) | undefined
}

export type SwitchEvent = Extract<YardEvent, { type: 'switch.started' | 'switch.step' | 'switch.finished' }>

/** A switch under way. `result` is a value for every outcome; it rejects only when the service is lost. */
export interface RunningSwitch {
  readonly id: string
  readonly result: Promise<SwitchResult>
}

export interface EventQuery extends Cancellable {
  /** The last `seq` that is known; what came after it follows. */
  readonly since?: number | undefined
  readonly slot?: string | undefined
  /** The events of this job alone. */
  readonly job?: string | undefined
  /** Told when the connection of these events is there and when it is lost, in turn. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined
}

export type ConnectionState =
  /** The reader has taken the snapshot: what it shows is the truth. */
  | { readonly state: 'open' }
  /** It is tried again by itself until it is `open`, or the loop throws. */
  | {
      readonly state: 'lost'
      /** When the last thing was heard, in milliseconds of `Date.now()`. */
      readonly since: number
      readonly error: ModelyardError
      /** Tries now instead of after the pause: when the browser is online or in front again, or a person asks. */
      readonly retry: () => void
    }

export type ChatPart = Exclude<ChatEvent, { type: 'error' }>

export interface Chat {
  /** `start`, parts, `end`. A failure throws; leaving the loop ends the engine's work. */
  stream(request: ChatRequest & Cancellable): AsyncGenerator<ChatPart, void, void>
  /** The whole answer at once. */
  complete(request: ChatRequest & Cancellable): Promise<WholeAnswer>
}

export interface SlotClient {
  readonly name: string
  get(options?: Cancellable): Promise<Slot>
  /**
   * Waits for the end; every outcome is a value. Aborting the signal cancels the switch at the service and waits for
   * its roll back: the value then says `cancelled`, or `switched` when the cut-over came first.
   */
  switch(model: string, options?: SwitchOptions): Promise<SwitchResult>
  /** Answers as soon as it has begun. */
  startSwitch(model: string, options?: Omit<SwitchOptions, 'signal'>): Promise<RunningSwitch>
  chat(): Chat
}

/** A job at the service, which goes on whether or not anybody watches. */
export interface JobClient {
  readonly id: string
  /** A new request, or one that runs already. */
  readonly fresh: boolean
  get(options?: Cancellable): Promise<Job>
  /**
   * `snapshot`, then its events until `job.finished`, which is the last. A lost connection is made again; a service
   * that stays away throws.
   */
  events(options?: Cancellable): AsyncGenerator<YardEvent, void, void>
  /**
   * Its end, whatever it is, also over a restart of the service. Aborting the signal leaves the job alone and throws;
   * so does a service that stays away.
   */
  ended(options?: Cancellable): Promise<Job>
}

/** All verbs throw `ModelyardError`: what the service refused, or `service_unreachable` when it is not there. */
export interface Verbs {
  status(options?: Cancellable): Promise<Status>
  hardware(options?: Cancellable): Promise<Hardware>
  config(options?: Cancellable): Promise<EffectiveConfig>
  /** Remembered, and in force at once. The settings as they are then. */
  updateSettings(patch: SettingsPatch, options?: Cancellable): Promise<EffectiveConfig>
  doctor(options?: Cancellable): Promise<Finding[]>
  /** Does what helps against these findings. All findings as they are then. */
  fix(ids: readonly string[], options?: Cancellable): Promise<Finding[]>
  detect(options?: Cancellable): Promise<ProviderInfo[]>
  readonly providers: {
    list(options?: Cancellable): Promise<ProviderInfo[]>
    start(id: string, options?: Cancellable): Promise<ProviderInfo>
  }
  readonly models: {
    list(
      query?: Cancellable & { kind?: 'chat' | 'all' | undefined; provider?: string | undefined },
    ): Promise<{ models: Model[]; providers: ProviderOutcome[] }>
    get(ref: string, options?: Cancellable): Promise<Model>
    update(ref: string, patch: ModelPatch, options?: Cancellable): Promise<Model>
    load(ref: string, load?: LoadOptions, options?: Cancellable): Promise<LoadedModel>
    unload(ref: string, options?: Cancellable): Promise<Model>
    /** Uninstalls exactly this model. Throws `in_use` while it serves a slot, and `foreign_files`. */
    remove(ref: string, options?: RemoveOptions): Promise<Removal>
  }
  /** The curated catalogue. */
  catalog(options?: Cancellable): Promise<Catalog>
  /** The Hugging Face Hub, now, asked by the service. */
  readonly hub: {
    search(query: Cancellable & { words: string; limit?: number | undefined }): Promise<HubResult[]>
    /** `publisher/name`, with what of it fits the machine of the service. */
    repository(name: string, options?: Cancellable & { revision?: string | undefined }): Promise<HubRepository>
  }
  /** Getting models. */
  readonly jobs: {
    /** What a job would do; nothing is written. Throws what resolve and preflight find, such as `gated` and `disk_full`. */
    preflight(request: JobRequest, options?: Cancellable): Promise<JobPlan>
    /** Answers when it is kept. The same request again while one runs is that one. */
    start(request: JobRequest, options?: Cancellable): Promise<JobClient>
    /** Newest first. */
    list(options?: Cancellable): Promise<Job[]>
    get(id: string, options?: Cancellable): Promise<Job>
    handle(id: string): JobClient
    pause(id: string, options?: Cancellable): Promise<Job>
    resume(id: string, options?: Cancellable): Promise<Job>
    /** Resolves when it has ended. `partial`: whether what was fetched is kept, which it is unless told otherwise. */
    cancel(id: string, options?: Cancellable & { partial?: 'keep' | 'remove' | undefined }): Promise<Job>
  }
  readonly slots: {
    list(options?: Cancellable): Promise<Slot[]>
    get(name: string, options?: Cancellable): Promise<Slot>
    put(name: string, settings?: SlotSettings, options?: Cancellable): Promise<Slot>
    remove(name: string, options?: Cancellable): Promise<void>
  }
  readonly switches: {
    list(options?: Cancellable): Promise<SwitchRecord[]>
    get(id: string, options?: Cancellable): Promise<SwitchRecord>
    /** Resolves when it has ended. Throws `conflict` after the cut-over. */
    cancel(id: string, options?: Cancellable): Promise<SwitchRecord>
  }
  /** Tokens for apps. */
  readonly tokens: {
    list(options?: Cancellable): Promise<AppToken[]>
    /** `scope` absent: `gateway`. The token is said this once. Throws `conflict` for a name that is taken. */
    create(request: TokenRequest, options?: Cancellable): Promise<NewToken>
    /** It opens nothing from then on, and what runs with it ends. Throws `token_not_found`. */
    revoke(name: string, options?: Cancellable): Promise<void>
  }
  slot(name: string): SlotClient
  /** A chat through a slot, `default` when none is named. */
  chat(slot?: string): Chat
  /** What requests cost in the last 24 hours, the oldest first. */
  usage(query?: UsageQuery & Cancellable): Promise<UsageSample[]>
  /**
   * `snapshot` first (or `reset` and `snapshot`), then what happens, until the signal aborts or the loop is left. A
   * connection that is lost is made again and goes on after the last event that was seen, or with `reset` and
   * `snapshot` when the service is another one by then. Throws when the first connection fails or the service refuses
   * (`unauthorized`: the token opens nothing any more).
   */
  events(query?: EventQuery): AsyncGenerator<YardEvent, void, void>
  /** Signing browsers in. */
  readonly session: {
    /** For the address of the page: `<url>/#code=<code>`. Good for one minute and one use. */
    code(options?: Cancellable): Promise<SessionCode>
    /** Needs no token. Throws `unauthorized` for a code that is wrong, used or old, and `rate_limited`. */
    signIn(code: string, options?: Cancellable): Promise<BrowserSession>
    /**
     * The browser token that asks opens nothing from then on. Throws `conflict` for a token of another kind. Asked over
     * HTTP: a connection ends with its token, before it could answer.
     */
    signOut(options?: Cancellable): Promise<void>
  }
}

export interface Client extends Verbs {
  readonly url: string
  /**
   * One WebSocket for everything: calls, streams and events. A socket that is lost, or silent for too long, ends what
   * runs over it with `service_unreachable`, and is made again by the next call.
   */
  connect(options?: Cancellable): Promise<Connection>
}

export interface Connection extends Verbs, AsyncDisposable {
  close(): Promise<void>
}

export interface ClientOptions {
  /** Such as `http://127.0.0.1:7411`. */
  readonly url: string
  /** The token, or what gives it; asked again for every call, so a rotated token is picked up. */
  readonly token?: string | (() => string | Promise<string>) | undefined
  readonly fetch?: FetchLike | undefined
  /** Where the platform has none (Node 20): that of `ws`. */
  readonly WebSocket?: WebSocketConstructor | undefined
}

export type FetchLike = (url: string, init: RequestInit) => Promise<Response>

/** The part of a WebSocket that is used; that of browsers and that of `ws` both have it. */
export interface WebSocketLike {
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

export type WebSocketConstructor = new (url: string) => WebSocketLike
