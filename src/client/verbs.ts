import { type Job, ModelyardError, type RouteName } from '../contract/index.ts'
import { chatThrough } from './chat.ts'
import { expectOk } from './errors.ts'
import { followEvents } from './events.ts'
import { getJob, jobClient } from './jobs.ts'
import { cancelSwitch, getSwitch, startSwitch, switchAndWait } from './switches.ts'
import { callOf, type Particulars, type Transport } from './transport.ts'
import type { SlotClient, Verbs } from './types.ts'

/** The yard's verbs over any transport. */
export function verbsOver(transport: Transport): Verbs {
  const ask = async <T>(route: RouteName, particulars?: Particulars): Promise<T> =>
    expectOk(await transport.send(callOf(route, particulars)))
  /** The one member of an answer that wraps a list. */
  const askFor = async <T>(member: string, route: RouteName, particulars?: Particulars): Promise<T> =>
    (await ask<Record<string, T>>(route, particulars))[member] as T

  const slots: Verbs['slots'] = {
    list: (options) => askFor('slots', 'listSlots', { signal: options?.signal }),
    get: (slot, options) => ask('showSlot', { params: { slot }, signal: options?.signal }),
    put: (slot, settings = {}, options) => ask('putSlot', { params: { slot }, body: settings, signal: options?.signal }),
    remove: (slot, options) => ask('deleteSlot', { params: { slot }, signal: options?.signal }),
  }
  const slotOf = (name: string): SlotClient => ({
    name,
    get: (options) => slots.get(name, options),
    switch: (model, options) => switchAndWait(transport, name, model, options),
    startSwitch: (model, options = {}) => startSwitch(transport, name, model, options),
    chat: () => chatThrough(transport, name),
  })

  return {
    status: (options) => ask('status', { signal: options?.signal }),
    hardware: (options) => ask('hardware', { signal: options?.signal }),
    config: (options) => ask('showConfig', { signal: options?.signal }),
    updateSettings: (patch, options) => ask('updateSettings', { body: patch, signal: options?.signal }),
    doctor: (options) => askFor('findings', 'doctor', { signal: options?.signal }),
    fix: (ids, options) => askFor('findings', 'fixFindings', { body: { ids }, signal: options?.signal }),
    detect: (options) => askFor('providers', 'detectProviders', { signal: options?.signal }),
    providers: {
      list: (options) => askFor('providers', 'listProviders', { signal: options?.signal }),
      start: (id, options) => ask('startProvider', { params: { id }, signal: options?.signal }),
    },
    models: {
      list: ({ kind, provider, signal } = {}) => ask('listModels', { query: { kind, provider }, signal }),
      get: (ref, options) => ask('showModel', { params: { ref }, signal: options?.signal }),
      update: (ref, patch, options) => ask('updateModel', { params: { ref }, body: patch, signal: options?.signal }),
      load: (ref, load, options) => ask('loadModel', { params: { ref }, body: load, signal: options?.signal }),
      unload: (ref, options) => ask('unloadModel', { params: { ref }, signal: options?.signal }),
      remove: (ref, { signal, dryRun, replaceWith, emptySlots, foreign } = {}) =>
        ask('removeModel', {
          params: { ref },
          query: { dryRun: flag(dryRun), replaceWith, emptySlots: flag(emptySlots), foreign: flag(foreign) },
          signal,
        }),
    },
    catalog: (options) => ask('catalog', { signal: options?.signal }),
    hub: {
      search: ({ words, limit, signal }) => askFor('results', 'searchHub', { query: { q: words, limit }, signal }),
      repository: async (name, { revision, signal } = {}) => ask('showRepository', { params: halvesOf(name), query: { revision }, signal }),
    },
    jobs: {
      preflight: (request, options) => ask('preflightJob', { body: request, signal: options?.signal }),
      async start(request, options) {
        const reply = await transport.send(callOf('startJob', { body: request, signal: options?.signal }))
        return jobClient(transport, expectOk<Job>(reply).id, reply.status === 201)
      },
      list: (options) => askFor('jobs', 'listJobs', { signal: options?.signal }),
      get: (id, options) => getJob(transport, id, options),
      handle: (id) => jobClient(transport, id, false),
      pause: (id, options) => ask('pauseJob', { params: { id }, signal: options?.signal }),
      resume: (id, options) => ask('resumeJob', { params: { id }, signal: options?.signal }),
      cancel: (id, { partial, signal } = {}) => ask('cancelJob', { params: { id }, body: partial && { partial }, signal }),
    },
    slots,
    switches: {
      list: (options) => askFor('switches', 'listSwitches', { signal: options?.signal }),
      get: (id, options) => getSwitch(transport, id, options),
      cancel: (id, options) => cancelSwitch(transport, id, options),
    },
    tokens: {
      list: (options) => askFor('tokens', 'listTokens', { signal: options?.signal }),
      create: (request, options) => ask('createToken', { body: request, signal: options?.signal }),
      revoke: (name, options) => ask('revokeToken', { params: { name }, signal: options?.signal }),
    },
    slot: slotOf,
    chat: (slot = 'default') => chatThrough(transport, slot),
    usage: ({ since, slot, signal } = {}) => askFor('samples', 'usage', { query: { since, slot }, signal }),
    events: (query) => followEvents(transport, query),
    session: {
      code: (options) => ask('createCode', { signal: options?.signal }),
      signIn: (code, options) => ask('signIn', { body: { code }, signal: options?.signal }),
      signOut: (options) => ask('signOut', { signal: options?.signal }),
    },
  }
}

function halvesOf(name: string): { publisher: string; repo: string } {
  const [publisher, repo, ...rest] = name.split('/')
  if (publisher && repo && rest.length === 0) return { publisher, repo }
  throw new ModelyardError('invalid_request', `Expected publisher/name, got ${JSON.stringify(name.slice(0, 100))}.`)
}

const flag = (value: boolean | undefined): string | undefined => (value === undefined ? undefined : String(value))
