import { ModelyardError } from '../../contract/index.ts'
import { type Answer, ask, impostor, isFields, isLoopback, probing } from '../openai-chat/index.ts'
import type { ProbeResult } from '../provider.ts'
import { label, lookingAt, moveTo, readProps, type Server, serverCapabilities, signed } from './server.ts'

export interface Place {
  readonly id: string
  /** Tried in this order; the one where llama.cpp answers is kept. */
  readonly addresses: readonly string[]
  readonly command?: string | undefined
  readonly modelsDir?: string | undefined
}

/** The first address where llama.cpp answers; where none does, what was found at the one in use. */
export async function probe(server: Server, place: Place, signal: AbortSignal): Promise<ProbeResult> {
  const result = await probing(signal, () => probeHere(server, place, signal))
  if (result.state !== 'unreachable' && result.state !== 'stopped' && result.state !== 'impostor') return result
  for (const address of place.addresses.filter((one) => one !== server.baseUrl)) {
    const other = lookingAt(server, address)
    const found = await probing(signal, () => probeHere(other, place, signal))
    if (found.state === 'ready' || found.state === 'starting') {
      await moveTo(server, other).http.close()
      return found
    }
    await other.engine.http.close()
  }
  return result
}

async function probeHere(server: Server, place: Place, signal: AbortSignal): Promise<ProbeResult> {
  let health: Answer
  try {
    health = await ask(server.engine, { path: '/health', signal, anonymous: true })
  } catch (error) {
    const known = ModelyardError.from(error)
    if (signal.aborted || known.code !== 'provider_unreachable') throw error
    return notRunning(server, place, known)
  }
  if (!signed(health) && !(await looksLikeIt(server, signal))) return impostor(label, server.baseUrl, await namedOtherwise(server, signal))
  if (health.status === 503)
    return { state: 'starting', capabilities: serverCapabilities(server), hint: 'It is loading its model; wait a moment.' }
  const { version } = await readProps(server, signal)
  return { state: 'ready', version, capabilities: serverCapabilities(server) }
}

/** Behind a proxy that removes the signature: by the shape of `/props`, still without the key. */
async function looksLikeIt(server: Server, signal: AbortSignal): Promise<boolean> {
  const { status, body } = await ask(server.engine, { path: '/props', signal, anonymous: true })
  return status === 200 && isFields(body) && isFields(body.default_generation_settings) && typeof body.build_info === 'string'
}

/** A hint when what answers says itself what it is: port 8080 is popular. */
async function namedOtherwise(server: Server, signal: AbortSignal): Promise<string | undefined> {
  const answer = await ask(server.engine, { path: '/v1/models', signal, anonymous: true }).catch(() => undefined)
  const first: unknown = isFields(answer?.body) && Array.isArray(answer.body.data) ? answer.body.data[0] : undefined
  if (!isFields(first) || typeof first.owned_by !== 'string' || !/^[\w .-]{1,40}$/.test(first.owned_by)) return undefined
  return `It says it is ${first.owned_by}: configure it as a provider of the kind "openai-compatible" with the baseUrl ${server.baseUrl}/v1.`
}

/** Nothing answers. Whether it is installed is known only where the configuration names its command. */
function notRunning(server: Server, { id, command, modelsDir }: Place, error: ModelyardError): ProbeResult {
  const capabilities = serverCapabilities(server)
  if (command === undefined || !isLoopback(server.baseUrl)) {
    const hint = `Start it with \`llama-server -m FILE.gguf --port ${new URL(server.baseUrl).port || '80'}\`, or correct "baseUrl" in the configuration.`
    return { state: 'unreachable', capabilities, error: { code: error.code, message: error.message }, hint }
  }
  const hint =
    modelsDir === undefined
      ? `Start it with \`${command} -m FILE.gguf\`; with "modelsDir" in the configuration it can be started from here.`
      : `Start it with \`modelyard providers start ${id}\`.`
  return {
    state: 'stopped',
    capabilities,
    error: { code: 'provider_stopped', message: `llama-server does not run at ${server.baseUrl}.` },
    hint,
  }
}
