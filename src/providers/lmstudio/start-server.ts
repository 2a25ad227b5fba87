import { ModelyardError } from '../../contract/index.ts'
import { isLoopback, untilSeen } from '../openai-chat/index.ts'
import { greets } from './api-level.ts'
import { findInstallation, type LookingFor } from './find-home.ts'
import { runLms } from './run-lms.ts'
import type { Studio } from './studio.ts'

/**
 * Starts LM Studio's server with its own command, on the port of our address, and waits until it greets. A server that
 * answers already is left as it is: starting again may lose what its user set.
 */
export async function startServer(studio: Studio, place: LookingFor & { readonly baseUrl: string }, signal: AbortSignal): Promise<void> {
  const greeted = async (): Promise<true | undefined> =>
    (await greets(studio.engine, signal).catch(unlessAborted(signal))) ? true : undefined
  if (await greeted()) return
  studio.installation = await findInstallation(place)
  const { lms } = studio.installation
  if (lms === undefined || !isLoopback(place.baseUrl)) {
    throw new ModelyardError('unsupported_operation', 'The lms command that starts the server of LM Studio was not found.', {
      hint: 'Start the server in LM Studio (Developer tab), or name the command as "lms" in the configuration.',
    })
  }
  const { port } = new URL(place.baseUrl)
  await runLms(lms, ['server', 'start', ...(port === '' ? [] : ['--port', port])], signal)
  await untilSeen(greeted, signal)
}

const unlessAborted =
  (signal: AbortSignal) =>
  (error: unknown): false => {
    if (signal.aborted) throw error
    return false
  }
