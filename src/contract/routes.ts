import { z } from 'zod'
import { chatEvent, chatRequest } from './chat.ts'
import { effectiveConfig, settingsPatch } from './effective.ts'
import { yardEvent } from './events.ts'
import { catalog, hubRepository, hubResult, hubRevision, hubSegment } from './hub.ts'
import { cancelJob, job, jobParams, jobPlan, jobRequest } from './job.ts'
import { loadOptions, model, modelParams, modelPatch } from './model.ts'
import { providerId, slotName } from './names.ts'
import { loadedModel, providerInfo, providerOutcome } from './provider.ts'
import { removal, removalQuery } from './removal.ts'
import { routePaths as at, type RouteAddress, type RouteName } from './route-paths.ts'
import { browserSession, sessionCode, signInRequest } from './session.ts'
import { slot, slotSettings } from './slot.ts'
import { finding, hardware, status } from './status.ts'
import { switchRecord, switchRequest, switchResult } from './switch.ts'
import { appToken, newToken, tokenName, tokenRequest } from './token.ts'
import { usageQuery, usageSample } from './usage.ts'

/** How a route answers: one JSON document, a stream of events, plain text, or nothing. */
export type AnswerForm = 'json' | 'event-stream' | 'text' | 'empty'

export interface Answer {
  readonly status: number
  readonly form: AnswerForm
  readonly schema?: z.ZodType
  readonly what: string
}

export interface Route extends RouteAddress {
  readonly what: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** A body may be left out altogether. */
  readonly bodyOptional?: boolean
  readonly answers: readonly Answer[]
}

const ok = (schema: z.ZodType, what: string): Answer => ({ status: 200, form: 'json', schema, what })
const providerParams = z.object({ id: providerId })
const slotParams = z.object({ slot: slotName })
const switchParams = z.object({ id: z.string().regex(/^[a-z0-9-]{1,64}$/) })
const providersAnswer = z.object({ providers: z.array(providerInfo) })
const findingsAnswer = z.object({ findings: z.array(finding) })
const modelsAnswer = z.object({ models: z.array(model), providers: z.array(providerOutcome) })

/** What each route takes and answers; where it is, `route-paths.ts` says. */
export const routes = {
  health: {
    ...at.health,
    what: 'Is it up? Constant, without a token',
    answers: [ok(z.object({ status: z.literal('ok') }), 'It is')],
  },
  status: { ...at.status, what: 'Everything at one glance', answers: [ok(status, 'The state')] },
  hardware: { ...at.hardware, what: 'Memory, GPUs, volumes', answers: [ok(hardware, 'What could be read')] },
  listProviders: {
    ...at.listProviders,
    what: 'The providers and their state',
    answers: [ok(providersAnswer, 'All of them')],
  },
  detectProviders: {
    ...at.detectProviders,
    what: 'Looks again now',
    answers: [ok(providersAnswer, 'All of them')],
  },
  startProvider: {
    ...at.startProvider,
    params: providerParams,
    what: "Starts the engine's server where it has a command for it",
    answers: [ok(providerInfo, 'It runs')],
  },
  listModels: {
    ...at.listModels,
    what: 'One list over all providers',
    query: z.strictObject({ kind: z.enum(['chat', 'all']).optional(), provider: providerId.optional() }),
    answers: [ok(modelsAnswer, 'The models, and how each provider fared')],
  },
  showModel: {
    ...at.showModel,
    params: modelParams,
    what: 'One model with details',
    answers: [ok(model, 'The model')],
  },
  updateModel: {
    ...at.updateModel,
    params: modelParams,
    body: modelPatch,
    what: 'Remembers load options, kind, pin',
    answers: [ok(model, 'The model as it is now')],
  },
  removeModel: {
    ...at.removeModel,
    params: modelParams,
    query: removalQuery,
    what: 'Uninstalls exactly this model; with `dryRun` only says what would go',
    answers: [ok(removal, 'What went, what stayed and why')],
  },
  loadModel: {
    ...at.loadModel,
    params: modelParams,
    body: loadOptions,
    bodyOptional: true,
    what: 'Loads a model; no slot moves',
    answers: [ok(loadedModel, 'It is loaded')],
  },
  unloadModel: {
    ...at.unloadModel,
    params: modelParams,
    what: 'Unloads a model',
    answers: [ok(model, 'It is not loaded any more')],
  },
  listSlots: { ...at.listSlots, what: 'The slots', answers: [ok(z.object({ slots: z.array(slot) }), 'All of them')] },
  showSlot: { ...at.showSlot, params: slotParams, what: 'One slot', answers: [ok(slot, 'The slot')] },
  putSlot: {
    ...at.putSlot,
    params: slotParams,
    body: slotSettings,
    what: 'Makes or changes a slot',
    answers: [ok(slot, 'The slot')],
  },
  deleteSlot: {
    ...at.deleteSlot,
    params: slotParams,
    what: 'Removes a slot; `default` stays',
    answers: [{ status: 204, form: 'empty', what: 'It is gone' }],
  },
  chat: {
    ...at.chat,
    params: slotParams,
    body: chatRequest,
    what: 'Our own neutral chat, streamed as events',
    answers: [{ status: 200, form: 'event-stream', schema: chatEvent, what: '`start`, parts, then `end` or `error`' }],
  },
  switch: {
    ...at.switch,
    params: slotParams,
    body: switchRequest,
    what: 'Switches the slot: load, verify, cut over, or roll back',
    answers: [
      ok(switchResult, '`switched` or `already_active`; any other outcome is problem+json with these members added'),
      { status: 202, form: 'json', schema: z.object({ id: z.string() }), what: 'With `wait: false`: it has begun' },
    ],
  },
  listSwitches: {
    ...at.listSwitches,
    what: 'History, newest first; 200 are kept',
    answers: [ok(z.object({ switches: z.array(switchRecord) }), 'The switches')],
  },
  showSwitch: {
    ...at.showSwitch,
    params: switchParams,
    what: 'One switch',
    answers: [ok(switchRecord, 'The switch, whatever its outcome')],
  },
  cancelSwitch: {
    ...at.cancelSwitch,
    params: switchParams,
    what: 'Cancels it, until the cut-over',
    answers: [ok(switchRecord, 'It was cancelled and rolled back')],
  },
  catalog: {
    ...at.catalog,
    what: 'Curated families, quantizations, repositories',
    answers: [ok(catalog, 'The catalogue')],
  },
  searchHub: {
    ...at.searchHub,
    what: 'Searches the Hub for GGUF repositories, now',
    query: z.strictObject({ q: z.string().min(1).max(200), limit: z.coerce.number().int().min(1).max(100).optional() }),
    answers: [ok(z.object({ results: z.array(hubResult) }), 'The repositories')],
  },
  showRepository: {
    ...at.showRepository,
    params: z.object({ publisher: hubSegment, repo: hubSegment }),
    query: z.strictObject({ revision: hubRevision.optional() }),
    what: 'A repository of the Hub: its quantizations, sizes, hashes, and what fits here',
    answers: [ok(hubRepository, 'The repository')],
  },
  preflightJob: {
    ...at.preflightJob,
    body: jobRequest,
    what: 'What a job would do, exactly; nothing is written',
    answers: [ok(jobPlan, 'The plan')],
  },
  startJob: {
    ...at.startJob,
    body: jobRequest,
    what: 'Gets a model: download, check, import, verify, and switch where wished',
    answers: [
      { status: 201, form: 'json', schema: job, what: 'It is kept, and begins when it is its turn' },
      ok(job, 'The same request runs already: that job'),
    ],
  },
  listJobs: {
    ...at.listJobs,
    what: 'The jobs, newest first',
    answers: [ok(z.object({ jobs: z.array(job) }), 'The jobs')],
  },
  showJob: {
    ...at.showJob,
    params: jobParams,
    what: 'One job',
    answers: [ok(job, 'The job, however it ended')],
  },
  pauseJob: {
    ...at.pauseJob,
    params: jobParams,
    what: 'Stops it until it is resumed; what was fetched is kept',
    answers: [ok(job, 'It is paused')],
  },
  resumeJob: {
    ...at.resumeJob,
    params: jobParams,
    what: 'Lets a paused job go on',
    answers: [ok(job, 'It goes on, or waits for its turn')],
  },
  cancelJob: {
    ...at.cancelJob,
    params: jobParams,
    body: cancelJob,
    bodyOptional: true,
    what: 'Ends it; what was fetched is kept unless `partial` is `remove`',
    answers: [ok(job, 'It has ended')],
  },
  listTokens: {
    ...at.listTokens,
    what: 'The tokens of apps, without the tokens themselves',
    answers: [ok(z.object({ tokens: z.array(appToken) }), 'All of them')],
  },
  createToken: {
    ...at.createToken,
    body: tokenRequest,
    what: 'Makes a token for an app',
    answers: [{ status: 201, form: 'json', schema: newToken, what: 'The token, this once' }],
  },
  revokeToken: {
    ...at.revokeToken,
    params: z.object({ name: tokenName }),
    what: 'It opens nothing from now on; what runs with it ends',
    answers: [{ status: 204, form: 'empty', what: 'It is gone' }],
  },
  showConfig: {
    ...at.showConfig,
    what: 'Effective settings and where each comes from',
    answers: [ok(effectiveConfig, 'The settings')],
  },
  updateSettings: {
    ...at.updateSettings,
    body: settingsPatch,
    what: 'Changes settings while the service runs; they are remembered',
    answers: [ok(effectiveConfig, 'The settings as they are now')],
  },
  doctor: {
    ...at.doctor,
    what: 'Checks what usually goes wrong',
    answers: [ok(findingsAnswer, 'The findings')],
  },
  fixFindings: {
    ...at.fixFindings,
    body: z.strictObject({ ids: z.array(z.string().min(1).max(300)).min(1).max(5000) }),
    what: 'Does what helps against these findings, those that are fixable',
    answers: [ok(findingsAnswer, 'The findings as they are now')],
  },
  usage: {
    ...at.usage,
    query: usageQuery,
    what: 'What requests cost in the last 24 hours: times, tokens, errors, queues',
    answers: [ok(z.object({ samples: z.array(usageSample) }), 'The samples, the oldest first')],
  },
  events: {
    ...at.events,
    what: 'Server-sent events, or a WebSocket when upgraded: the same JSON objects',
    query: z.strictObject({ since: z.coerce.number().int().optional(), job: z.string().max(64).optional(), slot: slotName.optional() }),
    answers: [{ status: 200, form: 'event-stream', schema: yardEvent, what: '`snapshot` first, then events as they happen' }],
  },
  openapi: {
    ...at.openapi,
    what: 'This description',
    answers: [ok(z.record(z.string(), z.unknown()), 'OpenAPI 3.1')],
  },
  metrics: { ...at.metrics, what: 'Metrics', answers: [{ status: 200, form: 'text', what: 'Prometheus text' }] },
  createCode: {
    ...at.createCode,
    what: 'Makes a code that signs one browser in',
    answers: [{ status: 201, form: 'json', schema: sessionCode, what: 'Good for one minute and one use' }],
  },
  signIn: {
    ...at.signIn,
    body: signInRequest,
    what: 'Signs a browser in with a code; without a token',
    answers: [{ status: 201, form: 'json', schema: browserSession, what: 'The token of this browser, this once' }],
  },
  signOut: {
    ...at.signOut,
    what: 'Signs out the browser that asks; what runs with its token ends',
    answers: [{ status: 204, form: 'empty', what: 'Its token opens nothing any more' }],
  },
} as const satisfies Record<RouteName, Route>

export { modelsAnswer, providersAnswer }
