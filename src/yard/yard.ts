/**
 * The yard as its doors see it (the control API, the library, later the gateway). It listens on nothing.
 *
 * Reading methods never change anything; every method that takes time takes a signal; all throw `ModelyardError` only.
 */
import type {
  AppToken,
  BrowserSession,
  Catalog,
  ChatEvent,
  ChatRequest,
  EffectiveConfig,
  Finding,
  Hardware,
  HistoryEvent,
  HubRepository,
  HubResult,
  Job,
  JobPlan,
  JobRequest,
  LoadedModel,
  LoadOptions,
  Model,
  ModelPatch,
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
  TokenHolder,
  TokenRequest,
  UsageQuery,
  UsageSample,
  WholeAnswer,
  YardEvent,
} from '../contract/index.ts'
import type { Frame } from '../events/fan-out.ts'
import type { Admission } from './admit.ts'
import type { UsageMeter } from './usage.ts'

export interface Cancellable {
  readonly signal?: AbortSignal | undefined
}

export interface SwitchOptions extends Cancellable {
  readonly provider?: string | undefined
  readonly policy?: Policy | undefined
  readonly load?: LoadOptions | undefined
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

/** A switch under way. `result` never rejects: every end is a value. */
export interface RunningSwitch {
  readonly id: string
  readonly result: Promise<SwitchResult>
}

export interface EventQuery extends Cancellable {
  readonly since?: number | undefined
  readonly slot?: string | undefined
  readonly job?: string | undefined
}

/** One object for the life of an app; its target moves underneath it. */
export interface ChatClient {
  /**
   * `start` with model and epoch, then `delta` and `reasoning`, then `end`. A failure throws. The request holds a
   * lease on the model that admitted it until it ends; leaving the loop ends the engine's work.
   */
  stream(request: ChatRequest & Cancellable): AsyncIterable<Exclude<ChatEvent, { type: 'error' }>>
  /** The whole answer at once. */
  complete(request: ChatRequest & Cancellable): Promise<WholeAnswer>
}

export interface SlotHandle {
  readonly name: string
  get(): Slot
  /** Waits for its end. Aborting the signal cancels it and waits for the roll back. */
  switch(model: string, options?: SwitchOptions): Promise<SwitchResult>
  /** Begins and answers at once. A slot that does not exist throws `slot_not_found`. */
  startSwitch(model: string, options?: Omit<SwitchOptions, 'signal'>): RunningSwitch
  chat(): ChatClient
}

/** A job, as the library hands it out. */
export interface JobHandle {
  readonly id: string
  /** A new request, or one that runs already. */
  readonly fresh: boolean
  get(): Job
  /** `snapshot`, then its events until `job.finished`, which is the last. */
  events(options?: Cancellable): AsyncIterable<YardEvent>
  /** Its end, whatever it is. */
  ended(options?: Cancellable): Promise<Job>
}

/** Getting models: durable jobs, which outlive the process and go on by themselves. */
export interface Jobs {
  /** What a job would do; nothing is written. Throws what resolve and preflight find. */
  preflight(request: JobRequest, options?: Cancellable): Promise<JobPlan>
  /** Answers when it is kept. The same request again while one runs is that one. */
  start(request: JobRequest): Promise<JobHandle>
  /** Newest first. */
  list(): Job[]
  /** Throws `job_not_found`. */
  get(id: string): Job
  handle(id: string): JobHandle
  /** `conflict` for a job that has ended. Done already: no error. */
  pause(id: string): Promise<Job>
  resume(id: string): Promise<Job>
  /** Answers when it has ended. Of a job that has ended: `conflict`. */
  cancel(id: string, options?: { readonly partial?: 'keep' | 'remove' | undefined }): Promise<Job>
}

export interface Yard {
  readonly version: string
  readonly instance: string
  readonly startedAt: string

  status(options?: Cancellable): Promise<Status>
  hardware(options?: Cancellable): Promise<Hardware>
  config(): EffectiveConfig
  /** Remembered, and in force at once. The settings as they are then. */
  updateSettings(patch: SettingsPatch): Promise<EffectiveConfig>
  doctor(options?: Cancellable): Promise<Finding[]>
  /** Does what helps against these findings; those that are not fixable, or gone, stay out. All findings as they are then. */
  fix(ids: readonly string[], options?: Cancellable): Promise<Finding[]>

  /** Looks at every provider again now. */
  detect(options?: Cancellable): Promise<ProviderInfo[]>
  readonly providers: {
    /** The last known picture; looked at first if there is none yet. */
    list(options?: Cancellable): Promise<ProviderInfo[]>
    start(id: string, options?: Cancellable): Promise<ProviderInfo>
  }
  readonly models: {
    list(
      query?: Cancellable & {
        kind?: 'chat' | 'all' | undefined
        provider?: string | undefined
        /** A provider that takes longer is told as unreachable; its own limits hold besides. */
        withinMs?: number | undefined
      },
    ): Promise<{ models: Model[]; providers: ProviderOutcome[] }>
    get(ref: string, options?: Cancellable): Promise<Model>
    update(ref: string, patch: ModelPatch, options?: Cancellable): Promise<Model>
    load(ref: string, load?: LoadOptions, options?: Cancellable): Promise<LoadedModel>
    unload(ref: string, options?: Cancellable): Promise<Model>
    /**
     * Uninstalls exactly this model. Throws `in_use` while it serves a slot, `foreign_files`, `conflict` where nothing
     * of it can go, `unsupported_operation`; and what the switch to the replacement failed with. It is whole then.
     */
    remove(ref: string, options?: RemoveOptions): Promise<Removal>
  }
  /** The curated catalogue; no network. */
  catalog(): Catalog
  /** The Hugging Face Hub, now. Throws `hub_unreachable`, `hub_protocol`, `repo_not_found`, `gated`, `rate_limited`. */
  readonly hub: {
    search(query: Cancellable & { words: string; limit?: number | undefined }): Promise<HubResult[]>
    /** `publisher/name`, with what of it fits this machine. */
    repository(repo: string, options?: Cancellable & { revision?: string | undefined }): Promise<HubRepository>
  }
  readonly jobs: Jobs
  readonly slots: {
    list(): Slot[]
    get(name: string): Slot
    put(name: string, settings: SlotSettings): Promise<Slot>
    remove(name: string): Promise<void>
  }
  readonly switches: {
    list(): SwitchRecord[]
    get(id: string): SwitchRecord
    /** Resolves when it has ended. Throws `conflict` after the cut-over, `switch_not_found`. */
    cancel(id: string): Promise<SwitchRecord>
  }
  /** Tokens for apps. */
  readonly tokens: {
    list(): AppToken[]
    /** `scope` absent: `gateway`. The token is said this once. Throws `conflict` for a name that is taken. */
    create(request: TokenRequest): Promise<NewToken>
    /** It opens nothing as soon as this is called, and what runs with it ends. Throws `token_not_found`. */
    revoke(name: string): Promise<void>
    /** Whose app token this is. Waits for nothing. */
    holderOf(token: string): TokenHolder | undefined
    onRevoke(listener: (name: string) => void): () => void
  }
  /** Signing browsers in. */
  readonly session: {
    /** Good for one minute and one use; a restart forgets it. */
    code(): SessionCode
    /** The token of a browser, for the code. Throws `unauthorized`, and `rate_limited` where many were wrong. */
    signIn(code: string, options?: { readonly userAgent?: string | undefined }): Promise<BrowserSession>
    /** Revokes the browser token that this is. Throws `conflict` for any other. */
    signOut(token: string): Promise<void>
  }
  slot(name: string): SlotHandle
  /** A chat through a slot, `default` when none is named. With `model` in a request that model answers and no slot moves. */
  chat(slot?: string): ChatClient
  /** Who answers a request: for doors that speak to engines themselves. */
  readonly admission: Admission

  /** What requests cost in the last 24 hours, the oldest first. A sample of ten seconds comes when they have passed. */
  usage(query?: UsageQuery): UsageSample[]
  /** For doors that let requests through themselves. */
  readonly meter: UsageMeter

  /** `snapshot` first (or `reset` and `snapshot`), then what happens, until the signal aborts or the loop is left. */
  events(query?: EventQuery): AsyncIterable<YardEvent>
  /** The same, each with its bytes, which all readers share: for doors that write them to many. */
  frames(query?: EventQuery): AsyncIterable<Frame>
  /** Called synchronously for every event. Returns what unsubscribes. */
  onEvent(listener: (event: HistoryEvent) => void): () => void
  /** Tells the poll whether somebody watches: 3 s instead of 30 s. Returns what ends it. */
  watch(): () => void

  /** Ends requests, switches (rolled back or journalled), children. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
