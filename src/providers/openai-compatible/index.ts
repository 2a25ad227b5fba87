/**
 * Anything that speaks OpenAI's dialect: `GET /v1/models` and `POST /v1/chat/completions`. The dialect can neither
 * load nor unload nor say what is in memory; what stands behind it (llama-swap, vLLM, …) is read from the list and
 * changes the capabilities, see `flavour.ts`.
 */
import { type LoadOptions, ModelyardError } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import { refuseContext, refuseOptions } from '../load-options.ts'
import { takesAsWritten } from '../native-words.ts'
import {
  ask,
  createEngine,
  createNameBook,
  type Engine,
  embedTexts,
  goodBody,
  impostor,
  type ListedEntry,
  type NameBook,
  plainWire,
  probing,
  readModels,
  requestBody,
  splitAddress,
  streamChat,
  type Wire,
} from '../openai-chat/index.ts'
import type { ListedModel, LoadedInstance, NativeDialect, ProbeResult, Provider } from '../provider.ts'
import { type Flavour, flavourCapabilities, flavourOf, wireOf } from './flavour.ts'
import { listedModel, runsWith } from './list-models.ts'
import { running, stopRunning } from './running.ts'

const label = 'The OpenAI-compatible server'

/** What the calls of one provider share. */
interface Server {
  readonly engine: Engine
  readonly v1: string
  readonly names: NameBook
  flavour: Flavour
  /** What it takes in a chat, as far as the last list tells. */
  wire: Wire
  /** Models that were loaded because we asked, as far as that can be said. */
  readonly ours: Set<string>
}

export function createOpenAiCompatible(config: ResolvedProvider): Provider {
  const { id, baseUrl, apiKey } = config
  if (baseUrl === undefined) throw new ModelyardError('invalid_configuration', `Provider ${id}: a "baseUrl" is needed.`)
  const { root, v1 } = splitAddress(baseUrl)
  const engine = createEngine({ baseUrl: root, label, apiKey })
  const server: Server = { engine, v1, names: createNameBook(), flavour: 'unknown', wire: { label, ...plainWire }, ours: new Set() }
  return {
    id,
    kind: 'openai-compatible',
    baseUrl,
    get capabilities() {
      return flavourCapabilities[server.flavour]
    },
    dialects: () => (v1 === '' ? [] : [dialect(server, root)]),
    probe: (signal) => probing(signal, () => probe(server, baseUrl, signal)),
    list: async (signal) => listed(server, await readCatalog(server, signal)),
    loaded: (signal) => loaded(server, signal),
    show: async (name, signal) => {
      const model = listed(server, await readCatalog(server, signal)).find((one) => one.name === name)
      if (!model) throw unknownModel(name)
      return model
    },
    load: (name, options, { signal }) => load(server, { name, options, signal }),
    unload: ({ name }, signal) => unload(server, name, signal),
    chat: (request, context) => {
      const body = () => requestBody(request, server.names.idOf(request.model) ?? request.model, server.wire)
      const nameOf = (answered: string) => answeringName(server, answered, request.model)
      const { model, logprobs } = request
      return streamChat({ engine, path: `${v1}/chat/completions`, body, model, nameOf, logprobs }, context)
    },
    embed: (request, context) =>
      embedTexts({ engine, path: `${v1}/embeddings`, model: server.names.idOf(request.model) ?? request.model }, request, context),
    sameModel: (a, b) => a === b,
    close: () => engine.http.close(),
  }
}

/** First without the key: it goes only to a server that asks for one. */
async function probe(server: Server, baseUrl: string, signal: AbortSignal): Promise<ProbeResult> {
  const request = { path: `${server.v1}/models`, signal }
  let answer = await ask(server.engine, { ...request, anonymous: true })
  const wantsKey = answer.status === 401 || answer.status === 403
  if (wantsKey && 'authorization' in server.engine.auth) answer = await ask(server.engine, request)
  if (answer.status === 404 || answer.status === 405) return impostor('a server with the OpenAI API', baseUrl)
  const entries = readModels(goodBody(server.engine, answer), label)
  remember(server, entries)
  return { state: 'ready', capabilities: flavourCapabilities[server.flavour] }
}

async function readCatalog(server: Server, signal: AbortSignal): Promise<ListedEntry[]> {
  const answer = await ask(server.engine, { path: `${server.v1}/models`, signal })
  const entries = readModels(goodBody(server.engine, answer), label)
  remember(server, entries)
  return entries
}

function remember(server: Server, entries: readonly ListedEntry[]): void {
  server.flavour = flavourOf(entries)
  server.wire = { label, ...wireOf(entries) }
  server.names.publish(entries.map((entry) => entry.id))
}

function listed(server: Server, entries: readonly ListedEntry[]): ListedModel[] {
  const names = server.names.publish(entries.map((entry) => entry.id))
  const models = new Map<string, ListedModel>()
  for (const entry of entries) {
    const name = names.get(entry.id)
    if (name !== undefined && !models.has(name)) models.set(name, listedModel(name, entry))
  }
  return [...models.values()]
}

async function loaded(server: Server, signal: AbortSignal): Promise<LoadedInstance[]> {
  const entries = server.flavour === 'llama-swap' ? [] : await readCatalog(server, signal)
  if (server.flavour === 'llama-swap') return runningInstances(server, signal)
  if (server.flavour === 'unknown') return []
  return entries.flatMap((entry) => {
    const name = server.names.nameOf(entry.id)
    return name === undefined ? [] : [{ name, contextLength: runsWith(entry), loadedBy: 'other' as const }]
  })
}

async function runningInstances(server: Server, signal: AbortSignal): Promise<LoadedInstance[]> {
  const instances: LoadedInstance[] = []
  for (const { id, ready } of await running(server.engine, signal)) {
    const name = server.names.nameOf(id)
    if (name !== undefined) instances.push({ name, loadedBy: server.ours.has(name) ? 'us' : 'other', state: ready ? 'ready' : 'loading' })
  }
  return instances
}

/** Nothing but a request loads here: this only makes sure that there is such a model and that it can have these options. */
const dialect = (server: Server, baseUrl: string): NativeDialect => ({
  dialect: 'openai',
  baseUrl,
  headers: server.engine.auth,
  idOf: (name) => server.names.idOf(name) ?? name,
  adapt: (request) => (takesAsWritten(server.wire, request) ? {} : undefined),
})

async function load(server: Server, wanted: { name: string; options: LoadOptions; signal: AbortSignal }): Promise<LoadedInstance> {
  const { name, options, signal } = wanted
  const entries = await readCatalog(server, signal)
  const entry = entries.find((one) => server.names.nameOf(one.id) === name)
  if (!entry) throw unknownModel(name)
  refuseOptions(options, flavourCapabilities[server.flavour], label)
  refuseContext(options.contextLength, [runsWith(entry)], label)
  if (server.flavour === 'static') return { name, contextLength: runsWith(entry), loadedBy: 'other' }
  const before = server.flavour === 'llama-swap' ? await runningInstances(server, signal) : []
  const already = before.find((one) => one.name === name)
  if (already) return already
  server.ours.add(name)
  return { name, loadedBy: 'us' }
}

async function unload(server: Server, name: string, signal: AbortSignal): Promise<void> {
  if (server.flavour === 'unknown') await readCatalog(server, signal)
  if (server.flavour !== 'llama-swap') {
    throw new ModelyardError('unsupported_operation', `${label} cannot unload a model.`, {
      hint: 'Stop the server, or let it unload by itself.',
    })
  }
  await stopRunning(server.engine, server.names.idOf(name) ?? name, signal)
  server.ours.delete(name)
}

/** llama-swap passes on what its child calls itself: worth something only when it is the name that was asked for. */
function answeringName(server: Server, answered: string, asked: string): string | undefined {
  const name = server.names.nameOf(answered)
  return server.flavour === 'llama-swap' && name !== asked ? undefined : name
}

const unknownModel = (name: string): ModelyardError =>
  new ModelyardError('model_not_found', `${label} does not list ${name}.`, { details: { model: name } })
