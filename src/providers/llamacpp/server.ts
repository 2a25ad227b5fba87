import type { ChildProcess } from 'node:child_process'
import { type Capabilities, ModelyardError } from '../../contract/index.ts'
import { type Answer, ask, createEngine, type Engine, goodBody, isFields, type NameBook, wholeNumber } from '../openai-chat/index.ts'
import type { FileSizes } from './file-sizes.ts'

/** `single`: started with one model, which is always loaded; `router`: starts a process for each model. */
export type Mode = 'single' | 'router'

/** What the calls of one provider share. */
export interface Server {
  engine: Engine
  baseUrl: string
  /** Found by the last probe or, before the first, by the first call. */
  mode: Mode | undefined
  /** How many models a router keeps in memory. */
  maxInstances: number | undefined
  readonly names: NameBook
  readonly files: FileSizes
  /** Ids of models that were loaded because we asked. */
  readonly ours: Set<string>
  readonly apiKey: string | undefined
  readonly startable: boolean
  /** Folder of a router's models, on this machine. */
  readonly modelsDir: string | undefined
  child: ChildProcess | undefined
}

/** What `GET /props` says, as far as it is of use. */
export interface Props {
  readonly mode: Mode
  readonly version?: string | undefined
  readonly maxInstances?: number | undefined
  /** Per request. */
  readonly contextLength?: number | undefined
  readonly sleeping: boolean
  readonly vision: boolean
  readonly audio: boolean
  readonly tools: boolean
  readonly template?: string | undefined
}

export const label = 'llama.cpp'

const common: Capabilities = {
  load: 'none',
  loadProgress: false,
  unload: 'none',
  loadedState: true,
  reportsMemory: false,
  contextLength: 'fixed',
  gpuLayers: false,
  keepAlive: false,
  multipleModels: false,
  namesAnsweringModel: true,
  pull: false,
  import: 'none',
  remove: 'none',
  start: false,
}

export function serverCapabilities(server: Server): Capabilities {
  const start = server.startable
  if (server.mode !== 'router') return { ...common, start }
  return { ...common, load: 'polled', unload: 'async', multipleModels: server.maxInstances !== 1, start, ...byFiles(server) }
}

const byFiles = ({ modelsDir }: Server): Partial<Capabilities> => (modelsDir === undefined ? {} : { import: 'place-file', remove: 'files' })

/** The same provider looking at another address, of which nothing is known yet. */
export function lookingAt(server: Server, baseUrl: string): Server {
  const engine = createEngine({ baseUrl, label, apiKey: server.apiKey })
  return { ...server, engine, baseUrl, mode: undefined, maxInstances: undefined }
}

/** Goes on where the other was looking; answers with the engine that is no longer needed. */
export function moveTo(server: Server, other: Server): Engine {
  const left = server.engine
  server.engine = other.engine
  server.baseUrl = other.baseUrl
  server.mode = other.mode
  server.maxInstances = other.maxInstances
  return left
}

export async function knownMode(server: Server, signal: AbortSignal): Promise<Mode> {
  return server.mode ?? (await readProps(server, signal)).mode
}

/** Asks for the properties and remembers the mode. */
export async function readProps(server: Server, signal: AbortSignal): Promise<Props> {
  const answer = await ask(server.engine, { path: '/props', signal })
  const props = propsOf(goodBody(server.engine, answer))
  server.mode = props.mode
  server.maxInstances = props.maxInstances
  return props
}

/** llama-server signs its answers; a proxy may have taken the signature off. */
export const signed = (answer: Answer): boolean => /^llama\.cpp\b/i.test(answer.headers.server ?? '')

function propsOf(body: unknown): Props {
  if (!isFields(body) || !(isFields(body.default_generation_settings) || body.role === 'router')) {
    throw new ModelyardError('provider_protocol', 'llama.cpp: expected "default_generation_settings" in /props.')
  }
  const settings = isFields(body.default_generation_settings) ? body.default_generation_settings : {}
  const modalities = isFields(body.modalities) ? body.modalities : {}
  const template = isFields(body.chat_template_caps) ? body.chat_template_caps : {}
  return {
    mode: body.role === 'router' ? 'router' : 'single',
    version: typeof body.build_info === 'string' && /^[\w .()+-]{1,64}$/.test(body.build_info) ? body.build_info : undefined,
    maxInstances: wholeNumber(body.max_instances),
    contextLength: wholeNumber(settings.n_ctx) || undefined,
    sleeping: body.is_sleeping === true,
    vision: modalities.vision === true,
    audio: modalities.audio === true,
    tools: template.supports_tools === true,
    template: typeof body.chat_template === 'string' ? body.chat_template : undefined,
  }
}
