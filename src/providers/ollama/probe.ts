/** Is it Ollama? `/` says so and `/api/version` has a version and nothing else: others emulate parts of its API. */
import { ModelyardError } from '../../contract/index.ts'
import { findProgram } from '../../platform/find-program.ts'
import { type Answer, ask, impostor, isFields, isLoopback, probing } from '../openai-chat/index.ts'
import type { ProbeResult } from '../provider.ts'
import { label, type Ollama, ollamaCapabilities } from './ollama.ts'

export interface Place {
  readonly id: string
  readonly baseUrl: string
  readonly baseUrlFrom?: string | undefined
  /** Path of the `ollama` command as configured. */
  readonly command?: string | undefined
}

export const probe = (ollama: Ollama, place: Place, signal: AbortSignal): Promise<ProbeResult> =>
  probing(signal, async () => {
    try {
      return await lookAt(ollama, place, signal)
    } catch (error) {
      const refused = ModelyardError.from(error).details?.reason === 'ECONNREFUSED'
      if (!refused || !isLoopback(place.baseUrl)) throw error
      return notRunning(ollama, place)
    }
  })

/** First without the key: it goes only to a server that asks for one (a proxy before Ollama). */
async function lookAt(ollama: Ollama, place: Place, signal: AbortSignal): Promise<ProbeResult> {
  const get = (anonymous: boolean): Promise<readonly [Answer, Answer]> =>
    Promise.all([
      ask(ollama.engine, { path: '/', signal, anonymous }).catch(noAnswer),
      ask(ollama.engine, { path: '/api/version', signal, anonymous }),
    ])
  let [root, version] = await get(true)
  const wantsKey = root.status === 401 || version.status === 401
  if (wantsKey && 'authorization' in ollama.engine.auth) [root, version] = await get(false)
  return judge(place, root, version)
}

/** Others send a browser elsewhere from there; which they are is told by the rest. */
function noAnswer(error: unknown): Answer {
  if (ModelyardError.from(error).code !== 'provider_protocol') throw error
  return { status: 0, headers: {}, body: undefined, text: '' }
}

function judge(place: Place, root: Answer, version: Answer): ProbeResult {
  if (root.status === 403 && version.status === 403 && root.text === '') return forbidden(place)
  const found = isFields(version.body) ? version.body : {}
  const real = typeof found.version === 'string' && found.version !== '0' && Object.keys(found).length === 1
  if (root.status === 200 && root.text.includes('Ollama is running') && real)
    return { state: 'ready', version: shortVersion(found.version) }
  if (version.status === 401) return locked(place)
  return impostorNamed(place, root, found)
}

const shortVersion = (version: unknown): string => String(version).slice(0, 40)

const locked = ({ baseUrl }: Place): ProbeResult => ({
  state: 'unauthorized',
  error: { code: 'provider_unauthorized', message: `What answers at ${baseUrl} asks for a key, or refuses the one it got.` },
  hint: 'Ollama itself asks for none; name the variable that holds the key of the proxy before it as "apiKeyEnv".',
})

/** Ollama bound to loopback answers 403 without a word to a name it does not know. */
const forbidden = (place: Place): ProbeResult => ({
  state: 'unauthorized',
  error: { code: 'provider_unauthorized', message: `Ollama refuses the name ${new URL(place.baseUrl).host}.` },
  hint: 'Use http://127.0.0.1 as its address, or let it listen on that name (OLLAMA_HOST of its server).',
})

function impostorNamed(place: Place, root: Answer, version: Readonly<Record<string, unknown>>): ProbeResult {
  const name = knownAs(root, version)
  const from = place.baseUrlFrom === undefined ? '' : ` The address comes from ${place.baseUrlFrom}.`
  const found = impostor(label, place.baseUrl)
  if (name === undefined) return { ...found, hint: `${found.hint ?? ''}${from}` }
  return {
    ...found,
    error: { code: 'provider_impostor', message: `${name} answers at ${place.baseUrl}, not Ollama.` },
    hint: `Give Ollama's address, or add a provider of kind "openai-compatible" for ${name}.${from}`,
  }
}

function knownAs(root: Answer, version: Readonly<Record<string, unknown>>): string | undefined {
  if ('build_date' in version || version.version === '0') return 'llama-swap'
  if (root.headers.server === 'llama.cpp') return 'llama-server'
  if (version.version === '0.1.0') return 'Docker Model Runner'
  if (/koboldcpp/i.test(root.text)) return 'KoboldCpp'
  return /localai/i.test(root.text) ? 'LocalAI' : undefined
}

async function notRunning(ollama: Ollama, place: Place): Promise<ProbeResult> {
  ollama.program = await findProgram(place.command ?? 'ollama')
  const { id, baseUrl } = place
  if (ollama.program === undefined) {
    const message = `Nothing answers at ${baseUrl}, and the ollama command was not found.`
    return {
      state: 'not_installed',
      capabilities: ollamaCapabilities({ program: false, local: true }),
      error: { code: 'provider_not_installed', message },
      hint: 'Install Ollama, or correct its address in the configuration.',
    }
  }
  return {
    state: 'stopped',
    capabilities: ollamaCapabilities({ program: true, local: true }),
    error: { code: 'provider_stopped', message: `Ollama is installed, but does not answer at ${baseUrl}.` },
    hint: `Start it with \`modelyard providers start ${id}\`.`,
  }
}
