/** Starts `ollama serve` at the address of the provider. It goes on when we end: others use it too. */
import { spawn } from 'node:child_process'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { findProgram } from '../../platform/find-program.ts'
import { isLoopback, untilSeen } from '../openai-chat/index.ts'
import type { ProbeResult } from '../provider.ts'
import type { Ollama } from './ollama.ts'
import type { Place } from './probe.ts'

const startLimitMs = 30_000

export async function startServer(ollama: Ollama, place: Place, look: () => Promise<ProbeResult>, signal: AbortSignal): Promise<void> {
  if ((await look()).state === 'ready') return
  ollama.program = await findProgram(place.command ?? 'ollama')
  if (ollama.program === undefined || !isLoopback(place.baseUrl)) {
    throw new ModelyardError('unsupported_operation', 'The ollama command that starts the server was not found.', {
      hint: 'Start Ollama as you usually do; it is found by itself.',
    })
  }
  const limit = AbortSignal.timeout(startLimitMs)
  try {
    const failed = spawned(ollama.program, new URL(place.baseUrl).host)
    await Promise.race([
      failed,
      untilSeen(async () => ((await look()).state === 'ready' ? true : undefined), AbortSignal.any([signal, limit])),
    ])
  } catch (error) {
    if (signal.aborted) throw abortReason(signal)
    if (limit.aborted) throw new ModelyardError('timeout', `Ollama was started, but did not answer within ${startLimitMs / 1000} s.`)
    throw error
  }
}

/** Rejects when it ends before it has answered. */
function spawned(program: string, host: string): Promise<never> {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MODELYARD_')))
  const child = spawn(program, ['serve'], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: { ...environment, OLLAMA_HOST: host },
  })
  child.unref()
  const failure = new Promise<never>((_, reject) => {
    child.once('error', (cause) =>
      reject(new ModelyardError('provider_not_installed', 'The ollama command could not be started.', { cause })),
    )
    child.once('exit', (code) => reject(new ModelyardError('provider_error', `"ollama serve" ended with ${code} before it answered.`)))
  })
  failure.catch(() => undefined)
  return failure
}
