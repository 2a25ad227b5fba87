/** The control API, route by route: each calls the yard and says what it answered. */
import { type JobRequest, ModelyardError } from '../contract/index.ts'
import { bearerIn } from '../util/bearer.ts'
import { eventStream, json, switchAnswer } from './answers.ts'
import { chatStream } from './chat-stream.ts'
import type { Handlers } from './handler.ts'

const heartbeatMs = 15_000

export interface HandlerOptions {
  /** The OpenAPI document, as text. */
  readonly openapi: () => string
  readonly metrics: () => Promise<{ contentType: string; text: string }>
}

export function createHandlers({ openapi, metrics }: HandlerOptions): Handlers {
  return {
    health: () => ({ status: 'ok' }),
    status: ({ yard, signal }) => yard.status({ signal }),
    hardware: ({ yard, signal }) => yard.hardware({ signal }),
    listProviders: async ({ yard, signal }) => ({ providers: await yard.providers.list({ signal }) }),
    detectProviders: async ({ yard, signal }) => ({ providers: await yard.detect({ signal }) }),
    startProvider: ({ yard, params, signal }) => yard.providers.start(params.id, { signal }),
    listModels: ({ yard, query, signal }) => yard.models.list({ ...query, signal }),
    showModel: ({ yard, params, signal }) => yard.models.get(params.ref, { signal }),
    updateModel: ({ yard, params, body, signal }) => yard.models.update(params.ref, body, { signal }),
    removeModel: ({ yard, params, query, signal }) => yard.models.remove(params.ref, { ...query, signal }),
    loadModel: ({ yard, params, body, signal }) => yard.models.load(params.ref, body, { signal }),
    unloadModel: ({ yard, params, signal }) => yard.models.unload(params.ref, { signal }),
    listSlots: ({ yard }) => ({ slots: yard.slots.list() }),
    showSlot: ({ yard, params }) => yard.slots.get(params.slot),
    putSlot: ({ yard, params, body }) => yard.slots.put(params.slot, body),
    deleteSlot: ({ yard, params }) => yard.slots.remove(params.slot),
    chat: ({ yard, params, body, signal }) => {
      yard.slots.get(params.slot)
      return eventStream(chatStream(yard.chat(params.slot), body, signal))
    },
    // Leaving cancels nothing: the switch belongs to the slot, not to whoever asked for it.
    switch: async ({ yard, params, body }) => {
      const { model, wait, ...options } = body
      const { id, result } = yard.slot(params.slot).startSwitch(model, options)
      return wait === false ? json({ id }, 202) : switchAnswer(await result)
    },
    listSwitches: ({ yard }) => ({ switches: yard.switches.list() }),
    showSwitch: ({ yard, params }) => yard.switches.get(params.id),
    cancelSwitch: ({ yard, params }) => yard.switches.cancel(params.id),
    catalog: ({ yard }) => yard.catalog(),
    searchHub: async ({ yard, query: { q, limit }, signal }) => ({ results: await yard.hub.search({ words: q, limit, signal }) }),
    showRepository: ({ yard, params: { publisher, repo }, query, signal }) =>
      yard.hub.repository(`${publisher}/${repo}`, { ...query, signal }),
    preflightJob: ({ yard, body, local, signal }) => yard.jobs.preflight(allowed(body, local), { signal }),
    // Leaving cancels nothing here either: a job is kept before it is answered.
    startJob: async ({ yard, body, local }) => {
      const job = await yard.jobs.start(allowed(body, local))
      return json(job.get(), job.fresh ? 201 : 200)
    },
    listJobs: ({ yard }) => ({ jobs: yard.jobs.list() }),
    showJob: ({ yard, params }) => yard.jobs.get(params.id),
    pauseJob: ({ yard, params }) => yard.jobs.pause(params.id),
    resumeJob: ({ yard, params }) => yard.jobs.resume(params.id),
    cancelJob: ({ yard, params, body }) => yard.jobs.cancel(params.id, body),
    listTokens: ({ yard }) => ({ tokens: yard.tokens.list() }),
    createToken: async ({ yard, body }) => json(await yard.tokens.create(body), 201),
    revokeToken: ({ yard, params }) => yard.tokens.revoke(params.name),
    showConfig: ({ yard }) => yard.config(),
    updateSettings: ({ yard, body }) => yard.updateSettings(body),
    doctor: async ({ yard, signal }) => ({ findings: await yard.doctor({ signal }) }),
    fixFindings: async ({ yard, body, signal }) => ({ findings: await yard.fix(body.ids, { signal }) }),
    usage: ({ yard, query }) => ({ samples: yard.usage(query) }),
    events: ({ yard, query, header, signal }) => {
      const since = sinceOf(query.since, header('last-event-id'))
      const heartbeat = (): string => `data: ${JSON.stringify({ seq: lastSeq, at: new Date().toISOString(), type: 'heartbeat' })}\n\n`
      let lastSeq = since ?? 0
      async function* lines(): AsyncGenerator<string> {
        for await (const { event, json: text } of yard.frames({ since, slot: query.slot, job: query.job, signal })) {
          lastSeq = event.seq
          yield `id: ${event.seq}\ndata: ${text}\n\n`
        }
      }
      return eventStream(lines(), { heartbeatMs, heartbeat })
    },
    openapi: () => new Response(openapi(), { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } }),
    metrics: async () => {
      const { contentType, text } = await metrics()
      return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
    },
    createCode: ({ yard }) => json(yard.session.code(), 201),
    signIn: async ({ yard, body, header }) => json(await yard.session.signIn(body.code, { userAgent: header('user-agent') }), 201),
    signOut: ({ yard, header }) => yard.session.signOut(bearerIn(header('authorization') ?? '') ?? ''),
  }
}

/** A path names a file of this machine: whoever asks from another one has no business with it. */
function allowed(request: JobRequest, local: boolean): JobRequest {
  if (!('path' in request) || local) return request
  throw new ModelyardError('forbidden', 'A file or folder of this machine can be named from this machine only.', {
    hint: 'Run `modelyard pull PATH` there.',
  })
}

/** `since` in the query outranks the header that a browser sends by itself when it comes back. */
function sinceOf(query: number | undefined, header: string | undefined): number | undefined {
  if (query !== undefined || header === undefined || header === '') return query
  const seq = Number(header)
  if (/^\d{1,16}$/.test(header) && Number.isSafeInteger(seq)) return seq
  throw new ModelyardError('invalid_request', `Last-Event-ID: expected a number, got ${JSON.stringify(header.slice(0, 40))}.`)
}
