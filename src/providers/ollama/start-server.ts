/** Starts `ollama serve` at the address of the provider. It goes on when we end: others use it too. */
import { type ChildProcess, spawn } from 'node:child_process'
import { ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { untilSeen } from '../openai-chat/index.ts'
import type { ProbeResult } from '../provider.ts'
import type { Ollama } from './ollama.ts'
import type { Place } from './probe.ts'

type Look = (signal: AbortSignal) => Promise<ProbeResult>

/** Answers when it is ready. One that does not come up in time, or is not wanted any more before, is ended again. */
export async function startServer(ollama: Ollama, place: Place, look: Look, signal: AbortSignal): Promise<void> {
  const found = await look(signal)
  if (found.state === 'ready') return
  const address = new URL(place.baseUrl)
  if (found.state !== 'stopped' || ollama.program === undefined || address.protocol !== 'http:') throw cannotStart(found)
  const child = spawned(ollama.program, `${address.hostname}:${address.port || '80'}`)
  const late = () => new ModelyardError('timeout', `Ollama was started, but did not answer within ${ollama.limits.startMs / 1000} s.`)
  try {
    await withinTime({ signal, ms: ollama.limits.startMs, late }, (bounded) => readyOrEnded(child, look, bounded))
  } catch (error) {
    child.kill()
    throw error
  }
}

/** What keeps it from being started: something else at its address, no command, an address of another machine. */
function cannotStart({ state, error, hint }: ProbeResult): ModelyardError {
  if (error?.code === 'provider_impostor') return new ModelyardError('provider_impostor', error.message, { hint })
  if (error?.code === 'provider_unauthorized') return new ModelyardError('provider_unauthorized', error.message, { hint })
  if (state === 'not_installed') return new ModelyardError('provider_not_installed', error?.message, { hint })
  return new ModelyardError('unsupported_operation', 'Ollama can be started only on this machine, by its own command, over plain HTTP.', {
    hint: 'Start Ollama as you usually do; it is found by itself.',
  })
}

/** Our own settings and tokens are none of its business. */
function spawned(program: string, host: string): ChildProcess {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MODELYARD_')))
  const child = spawn(program, ['serve'], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: { ...environment, OLLAMA_HOST: host },
  })
  child.unref()
  // Told by `ended`; nobody may be listening yet when the call was aborted.
  child.on('error', () => {})
  return child
}

async function readyOrEnded(child: ChildProcess, look: Look, signal: AbortSignal): Promise<void> {
  const looking = new AbortController()
  const stop = (): void => looking.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const ready = async (): Promise<true | undefined> => ((await look(looking.signal)).state === 'ready' ? true : undefined)
  try {
    await Promise.race([ended(child), untilSeen(ready, looking.signal)])
  } finally {
    signal.removeEventListener('abort', stop)
    looking.abort()
  }
}

/** Rejects when it ends. */
const ended = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once('error', (cause) =>
      reject(new ModelyardError('provider_not_installed', 'The ollama command could not be started.', { cause })),
    )
    child.once('exit', (code, killed) =>
      reject(new ModelyardError('provider_error', `"ollama serve" ended with ${code ?? killed} before it answered.`)),
    )
  })
