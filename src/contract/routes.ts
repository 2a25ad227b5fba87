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

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters in braces; each is one percent-encoded segment. */
  readonly path: string
  readonly what: string
  readonly open?: boolean
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

/** Every route of the control API, by the name that handlers, client and description share. */
export const routes = {
  health: {
    method: 'GET',
    path: '/healthz',
    open: true,
    what: 'Is it up? Constant, without a token',
    answers: [ok(z.object({ status: z.literal('ok') }), 'It is')],
  },
  status: { method: 'GET', path: '/yard/v1/status', what: 'Everything at one glance', answers: [ok(status, 'The state')] },
  hardware: { method: 'GET', path: '/yard/v1/hardware', what: 'Memory, GPUs, volumes', answers: [ok(hardware, 'What could be read')] },
  listProviders: {
    method: 'GET',
    path: '/yard/v1/providers',
    what: 'The providers and their state',
    answers: [ok(providersAnswer, 'All of them')],
  },
  detectProviders: {
    method: 'POST',
    path: '/yard/v1/providers/detect',
    what: 'Looks again now',
    answers: [ok(providersAnswer, 'All of them')],
  },
  startProvider: {
    method: 'POST',
    path: '/yard/v1/providers/{id}/start',
    params: providerParams,
    what: "Starts the engine's server where it has a command for it",
    answers: [ok(providerInfo, 'It runs')],
  },
  listModels: {
    method: 'GET',
    path: '/yard/v1/models',
    what: 'One list over all providers',
    query: z.strictObject({ kind: z.enum(['chat', 'all']).optional(), provider: providerId.optional() }),
    answers: [ok(modelsAnswer, 'The models, and how each provider fared')],
  },
  showModel: {
    method: 'GET',
    path: '/yard/v1/models/{ref}',
    params: modelParams,
    what: 'One model with details',
    answers: [ok(model, 'The model')],
  },
  updateModel: {
    method: 'PATCH',
    path: '/yard/v1/models/{ref}',
    params: modelParams,
    body: modelPatch,
    what: 'Remembers load options, kind, pin',
    answers: [ok(model, 'The model as it is now')],
  },
  removeModel: {
    method: 'DELETE',
    path: '/yard/v1/models/{ref}',
    params: modelParams,
    query: removalQuery,
    what: 'Uninstalls exactly this model; with `dryRun` only says what would go',
    answers: [ok(removal, 'What went, what stayed and why')],
  },
  loadModel: {
    method: 'POST',
    path: '/yard/v1/models/{ref}/load',
    params: modelParams,
    body: loadOptions,
    bodyOptional: true,
    what: 'Loads a model; no slot moves',
    answers: [ok(loadedModel, 'It is loaded')],
  },
  unloadModel: {
    method: 'POST',
    path: '/yard/v1/models/{ref}/unload',
    params: modelParams,
    what: 'Unloads a model',
    answers: [ok(model, 'It is not loaded any more')],
  },
  listSlots: { method: 'GET', path: '/yard/v1/slots', what: 'The slots', answers: [ok(z.object({ slots: z.array(slot) }), 'All of them')] },
  showSlot: { method: 'GET', path: '/yard/v1/slots/{slot}', params: slotParams, what: 'One slot', answers: [ok(slot, 'The slot')] },
  putSlot: {
    method: 'PUT',
    path: '/yard/v1/slots/{slot}',
    params: slotParams,
    body: slotSettings,
    what: 'Makes or changes a slot',
    answers: [ok(slot, 'The slot')],
  },
  deleteSlot: {
    method: 'DELETE',
    path: '/yard/v1/slots/{slot}',
    params: slotParams,
    what: 'Removes a slot; `default` stays',
    answers: [{ status: 204, form: 'empty', what: 'It is gone' }],
  },
  chat: {
    method: 'POST',
    path: '/yard/v1/slots/{slot}/chat',
    params: slotParams,
    body: chatRequest,
    what: 'Our own neutral chat, streamed as events',
    answers: [{ status: 200, form: 'event-stream', schema: chatEvent, what: '`start`, parts, then `end` or `error`' }],
  },
  switch: {
    method: 'POST',
    path: '/yard/v1/slots/{slot}/switch',
    params: slotParams,
    body: switchRequest,
    what: 'Switches the slot: load, verify, cut over, or roll back',
    answers: [
      ok(switchResult, '`switched` or `already_active`; any other outcome is problem+json with these members added'),
      { status: 202, form: 'json', schema: z.object({ id: z.string() }), what: 'With `wait: false`: it has begun' },
    ],
  },
  listSwitches: {
    method: 'GET',
    path: '/yard/v1/switches',
    what: 'History, newest first; 200 are kept',
    answers: [ok(z.object({ switches: z.array(switchRecord) }), 'The switches')],
  },
  showSwitch: {
    method: 'GET',
    path: '/yard/v1/switches/{id}',
    params: switchParams,
    what: 'One switch',
    answers: [ok(switchRecord, 'The switch, whatever its outcome')],
  },
  cancelSwitch: {
    method: 'DELETE',
    path: '/yard/v1/switches/{id}',
    params: switchParams,
    what: 'Cancels it, until the cut-over',
    answers: [ok(switchRecord, 'It was cancelled and rolled back')],
  },
  catalog: {
    method: 'GET',
    path: '/yard/v1/catalog',
    what: 'Curated families, quantizations, repositories',
    answers: [ok(catalog, 'The catalogue')],
  },
  searchHub: {
    method: 'GET',
    path: '/yard/v1/hub/search',
    what: 'Searches the Hub for GGUF repositories, now',
    query: z.strictObject({ q: z.string().min(1).max(200), limit: z.coerce.number().int().min(1).max(100).optional() }),
    answers: [ok(z.object({ results: z.array(hubResult) }), 'The repositories')],
  },
  showRepository: {
    method: 'GET',
    path: '/yard/v1/hub/models/{publisher}/{repo}',
    params: z.object({ publisher: hubSegment, repo: hubSegment }),
    query: z.strictObject({ revision: hubRevision.optional() }),
    what: 'A repository of the Hub: its quantizations, sizes, hashes, and what fits here',
    answers: [ok(hubRepository, 'The repository')],
  },
  preflightJob: {
    method: 'POST',
    path: '/yard/v1/jobs/preflight',
    body: jobRequest,
    what: 'What a job would do, exactly; nothing is written',
    answers: [ok(jobPlan, 'The plan')],
  },
  startJob: {
    method: 'POST',
    path: '/yard/v1/jobs',
    body: jobRequest,
    what: 'Gets a model: download, check, import, verify, and switch where wished',
    answers: [
      { status: 201, form: 'json', schema: job, what: 'It is kept, and begins when it is its turn' },
      ok(job, 'The same request runs already: that job'),
    ],
  },
  listJobs: {
    method: 'GET',
    path: '/yard/v1/jobs',
    what: 'The jobs, newest first',
    answers: [ok(z.object({ jobs: z.array(job) }), 'The jobs')],
  },
  showJob: {
    method: 'GET',
    path: '/yard/v1/jobs/{id}',
    params: jobParams,
    what: 'One job',
    answers: [ok(job, 'The job, however it ended')],
  },
  pauseJob: {
    method: 'POST',
    path: '/yard/v1/jobs/{id}/pause',
    params: jobParams,
    what: 'Stops it until it is resumed; what was fetched is kept',
    answers: [ok(job, 'It is paused')],
  },
  resumeJob: {
    method: 'POST',
    path: '/yard/v1/jobs/{id}/resume',
    params: jobParams,
    what: 'Lets a paused job go on',
    answers: [ok(job, 'It goes on, or waits for its turn')],
  },
  cancelJob: {
    method: 'POST',
    path: '/yard/v1/jobs/{id}/cancel',
    params: jobParams,
    body: cancelJob,
    bodyOptional: true,
    what: 'Ends it; what was fetched is kept unless `partial` is `remove`',
    answers: [ok(job, 'It has ended')],
  },
  listTokens: {
    method: 'GET',
    path: '/yard/v1/tokens',
    what: 'The tokens of apps, without the tokens themselves',
    answers: [ok(z.object({ tokens: z.array(appToken) }), 'All of them')],
  },
  createToken: {
    method: 'POST',
    path: '/yard/v1/tokens',
    body: tokenRequest,
    what: 'Makes a token for an app',
    answers: [{ status: 201, form: 'json', schema: newToken, what: 'The token, this once' }],
  },
  revokeToken: {
    method: 'DELETE',
    path: '/yard/v1/tokens/{name}',
    params: z.object({ name: tokenName }),
    what: 'It opens nothing from now on; what runs with it ends',
    answers: [{ status: 204, form: 'empty', what: 'It is gone' }],
  },
  showConfig: {
    method: 'GET',
    path: '/yard/v1/config',
    what: 'Effective settings and where each comes from',
    answers: [ok(effectiveConfig, 'The settings')],
  },
  updateSettings: {
    method: 'PATCH',
    path: '/yard/v1/settings',
    body: settingsPatch,
    what: 'Changes settings while the service runs; they are remembered',
    answers: [ok(effectiveConfig, 'The settings as they are now')],
  },
  doctor: {
    method: 'GET',
    path: '/yard/v1/doctor',
    what: 'Checks what usually goes wrong',
    answers: [ok(findingsAnswer, 'The findings')],
  },
  fixFindings: {
    method: 'POST',
    path: '/yard/v1/doctor/fix',
    body: z.strictObject({ ids: z.array(z.string().min(1).max(300)).min(1).max(5000) }),
    what: 'Does what helps against these findings, those that are fixable',
    answers: [ok(findingsAnswer, 'The findings as they are now')],
  },
  usage: {
    method: 'GET',
    path: '/yard/v1/usage',
    query: usageQuery,
    what: 'What requests cost in the last 24 hours: times, tokens, errors, queues',
    answers: [ok(z.object({ samples: z.array(usageSample) }), 'The samples, the oldest first')],
  },
  events: {
    method: 'GET',
    path: '/yard/v1/events',
    what: 'Server-sent events, or a WebSocket when upgraded: the same JSON objects',
    query: z.strictObject({ since: z.coerce.number().int().optional(), job: z.string().max(64).optional(), slot: slotName.optional() }),
    answers: [{ status: 200, form: 'event-stream', schema: yardEvent, what: '`snapshot` first, then events as they happen' }],
  },
  openapi: {
    method: 'GET',
    path: '/yard/v1/openapi.json',
    what: 'This description',
    answers: [ok(z.record(z.string(), z.unknown()), 'OpenAPI 3.1')],
  },
  metrics: { method: 'GET', path: '/yard/v1/metrics', what: 'Metrics', answers: [{ status: 200, form: 'text', what: 'Prometheus text' }] },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
export { modelsAnswer, providersAnswer }
