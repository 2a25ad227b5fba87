/**
 * LM Studio. The newest of its APIs that answers is used (`api-level.ts`); what an older one cannot do is a capability,
 * not a case elsewhere. From its documentation and the sources of its command and SDK: it is closed, and was not run
 * for this.
 */
import { type Capabilities, ModelyardError } from '../../contract/index.ts'
import type { ResolvedProvider } from '../../contract/resolved-provider.ts'
import { isPlainMessage, takesAsWritten } from '../native-words.ts'
import { createEngine, impostor, isLoopback, probing, rootAddress } from '../openai-chat/index.ts'
import type { LoadedInstance, NativeDialect, NativeRequest, ProbeResult, Provider } from '../provider.ts'
import { findApiLevel, greets, levelCapabilities } from './api-level.ts'
import { chat, embed, wire } from './chat.ts'
import { downloadModel } from './download-model.ts'
import { findInstallation, type Installation } from './find-home.ts'
import { heldFiles } from './held-files.ts'
import { createImporting } from './import-model.ts'
import type { ImportLimits } from './import-place.ts'
import { keepAliveSeconds } from './keep-alive.ts'
import { loadModel } from './load-model.ts'
import { createRemoving } from './remove-model.ts'
import { lmsLimitMs } from './run-lms.ts'
import { startServer } from './start-server.ts'
import { findModel, label, loadedInstance, type Studio, survey } from './studio.ts'
import { unloadModel } from './unload-model.ts'

export interface LmStudioOptions {
  /** The user's home, where LM Studio's own folder is looked for; the process's when absent. */
  readonly userHome?: string | undefined
  /** Our own folder of GGUF files: hard links of them in LM Studio's folder are ours. */
  readonly library?: string | undefined
  readonly limits?: Partial<StudioLimits> | undefined
  readonly log?: ((message: string) => void) | undefined
}

export interface StudioLimits extends ImportLimits {
  /** Between two looks at how far its own download is. */
  readonly pauseMs: number
}

interface Place {
  readonly id: string
  readonly baseUrl: string
  readonly lms?: string | undefined
  readonly modelsDir?: string | undefined
  readonly userHome?: string | undefined
}

export function createLmStudio(config: ResolvedProvider, options: LmStudioOptions = {}): Provider {
  const { id, lms, apiKey, modelsDir } = config
  const baseUrl = rootAddress(config.baseUrl ?? 'http://127.0.0.1:1234')
  const place: Place = { id, baseUrl, lms, modelsDir, userHome: options.userHome }
  const studio = createStudio(place, apiKey)
  const { library, log = () => undefined } = options
  const limits: StudioLimits = { listedMs: 60_000, goneMs: 5000, lmsMs: lmsLimitMs, pauseMs: 1000, ...options.limits }
  const list = async (signal: AbortSignal) => (await survey(studio, signal)).map(({ model }) => model)
  const find = async (name: string, signal: AbortSignal) => (await findModel(studio, name, signal)).model
  const look = () => lookAgain(studio, place)
  const removing = createRemoving({ modelsDir: async () => (await look()).modelsDir, library, find })
  const remove = async (name: string, signal: AbortSignal): Promise<void> => {
    await unloadModel(studio, { name }, signal)
    const { kept, removed } = await removing.perform(name, { foreign: true }, signal)
    if (removed.length === 0) throw stays(name, kept[0]?.why)
  }
  return {
    id,
    kind: 'lmstudio',
    baseUrl,
    get capabilities() {
      return capabilitiesOf(studio)
    },
    dialects: () => dialects(studio, baseUrl),
    probe: (signal) => probing(signal, () => probe(studio, place, signal)),
    list,
    loaded: (signal) => loaded(studio, signal),
    show: find,
    load: (name, wanted, context) => loadModel(studio, name, wanted, context),
    unload: (target, signal) => unloadModel(studio, target, signal),
    chat: (request, context) => chat(studio, request, context),
    embed: (request, context) => embed(studio, request, context),
    sameModel: (a, b) => withoutCopyNumber(a) === withoutCopyNumber(b),
    ...(studio.local && {
      importing: createImporting({ look, list, remove, library, limits, log }),
      removing,
      files: async (signal: AbortSignal, name?: string) => {
        const { modelsDir: folder } = await look()
        return folder === undefined ? [] : heldFiles(folder, list, { signal, name })
      },
    }),
    pullStops: false,
    pull: (name, signal) => downloadModel(studio, name, { signal, list, listedMs: limits.listedMs, pauseMs: limits.pauseMs }),
    start: (signal) => startServer(studio, place, signal),
    close: async () => {
      studio.closing.abort(new ModelyardError('cancelled'))
      await studio.engine.http.close()
    },
  }
}

function createStudio(place: Place, apiKey: string | undefined): Studio {
  return {
    engine: createEngine({ baseUrl: place.baseUrl, label, apiKey }),
    level: undefined,
    local: isLoopback(place.baseUrl),
    installation: { installed: false, modelsDir: place.modelsDir },
    ours: new Set(),
    chosen: new Map(),
    keys: new Map(),
    closing: new AbortController(),
  }
}

/** Only the newest API tells sizes, by which files are recognized. */
function capabilitiesOf({ level = 'v1', local, installation: { lms, modelsDir } }: Studio): Capabilities {
  return {
    ...levelCapabilities(level, lms !== undefined),
    import: local && (modelsDir !== undefined || lms !== undefined) ? 'place-file' : 'none',
    remove: local && modelsDir !== undefined && level === 'v1' ? 'files' : 'none',
  }
}

async function lookAgain(studio: Studio, place: Place): Promise<Installation> {
  studio.installation = await findInstallation(place)
  return studio.installation
}

async function probe(studio: Studio, place: Place, signal: AbortSignal): Promise<ProbeResult> {
  await lookAgain(studio, place)
  try {
    if (!(await greets(studio.engine, signal))) return impostor(label, place.baseUrl)
  } catch (error) {
    if (ModelyardError.from(error).code !== 'provider_unreachable' || !isLoopback(place.baseUrl)) throw error
    return notRunning(studio, place)
  }
  studio.level = await findApiLevel(studio.engine, signal)
  return { state: 'ready', capabilities: capabilitiesOf(studio) }
}

/** Nothing answers on this machine: is it only the server that does not run? */
function notRunning(studio: Studio, { id, baseUrl }: Place): ProbeResult {
  const { installed, lms } = studio.installation
  const capabilities = capabilitiesOf(studio)
  if (!installed) {
    const message = `Nothing answers at ${baseUrl}, and LM Studio was not found on this machine.`
    return {
      state: 'not_installed',
      capabilities,
      error: { code: 'provider_not_installed', message },
      hint: 'Install LM Studio, or correct "baseUrl" in the configuration.',
    }
  }
  const hint = lms === undefined ? 'Start the server in LM Studio (Developer tab).' : `Start it with \`modelyard providers start ${id}\`.`
  return {
    state: 'stopped',
    capabilities,
    error: { code: 'provider_stopped', message: `LM Studio is installed, but its server does not answer at ${baseUrl}.` },
    hint,
  }
}

async function loaded(studio: Studio, signal: AbortSignal): Promise<LoadedInstance[]> {
  const found = await survey(studio, signal)
  return found.flatMap(({ model, instances }) => instances.map((instance) => loadedInstance(studio, model.name, instance)))
}

function adapt(request: NativeRequest): Readonly<Record<string, unknown>> | undefined {
  if (!takesAsWritten(wire, request) || !isPlainMessage(request)) return undefined
  const ttl = keepAliveSeconds(request.load?.keepAlive)
  return ttl === undefined ? {} : { ttl }
}

function dialects(studio: Studio, baseUrl: string): NativeDialect[] {
  const idOf = (name: string): string => studio.chosen.get(name) ?? name
  const openai: NativeDialect = { dialect: 'openai', baseUrl, headers: studio.engine.auth, idOf, adapt }
  return studio.level === 'v1' ? [openai, { ...openai, dialect: 'anthropic' }] : [openai]
}

const stays = (name: string, why = 'its files are not known'): ModelyardError =>
  new ModelyardError('unsupported_operation', `${name} could not be removed from LM Studio: ${why}.`, {
    hint: 'Remove it in LM Studio (My Models).',
  })

/** A second copy of a model in memory is `key:2`. */
const withoutCopyNumber = (name: string): string => name.replace(/:\d+$/, '')
