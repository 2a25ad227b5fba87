import { type ChildProcess, spawn } from 'node:child_process'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { untilSeen } from '../openai-chat/index.ts'
import type { ProbeResult } from '../provider.ts'
import type { Place } from './probe.ts'
import type { Server } from './server.ts'

/**
 * Starts `llama-server` as a router over the configured folder of models and waits until it answers. It is our child
 * and ends with us; a single-model server cannot be started without knowing the model and is left to its user.
 */
export async function startRouter(
  server: Server,
  place: Place,
  look: (signal: AbortSignal) => Promise<ProbeResult>,
  signal: AbortSignal,
): Promise<void> {
  const ready = async (until: AbortSignal): Promise<true | undefined> => ((await look(until)).state === 'ready' ? true : undefined)
  const { state } = await look(signal)
  if (state === 'ready') return
  if (state === 'starting') {
    await untilSeen(() => ready(signal), signal)
    return
  }
  const { command, modelsDir } = place
  if (!server.startable || command === undefined || modelsDir === undefined) throw notStartable()
  const { hostname, port } = new URL(server.baseUrl)
  const args = ['--models-dir', modelsDir, '--host', hostname.replace(/^\[|\]$/g, ''), '--port', port || '80']
  const child = spawn(command, args, { stdio: 'ignore', windowsHide: true, env: childEnvironment() })
  server.child = child
  const looking = new AbortController()
  const until = AbortSignal.any([signal, looking.signal])
  try {
    await Promise.race([endOf(child), untilSeen(() => ready(until), until)])
  } catch (error) {
    looking.abort()
    await stopChild(server)
    throw signal.aborted ? abortReason(signal) : error
  }
}

export async function stopChild(server: Server): Promise<void> {
  const { child } = server
  server.child = undefined
  if (child === undefined || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(impatient)
}

const notStartable = (): ModelyardError =>
  new ModelyardError(
    'unsupported_operation',
    'llama-server can be started from here only with "command" and "modelsDir" in the configuration.',
  )

/** Rejects when the child ends or could not be started. */
function endOf(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', (cause) =>
      reject(new ModelyardError('provider_not_installed', 'The configured llama-server command could not be started.', { cause })),
    )
    child.once('exit', (code, killedBy) =>
      reject(new ModelyardError('provider_error', `llama-server ended with ${code ?? killedBy} before it answered.`)),
    )
  })
}

/** Ours is not theirs: no variable of Modelyard (its token is one) goes to the engine. */
function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MODELYARD_')))
}
