import { createInProcessApi } from '../api/in-process.ts'
import { createClient } from '../client/index.ts'
import { buildYard } from '../modelyard.ts'
import { holdHome } from '../store/home-lock.ts'
import type { CommandContext } from './command-spec.ts'
import type { Connected } from './connected.ts'
import { settingsOf } from './home.ts'

/**
 * How much of a yard a command builds for itself: `look` reads without the lock; `change` holds the lock but brings up
 * no model; `whole` is what a service does, without listening.
 */
export type Extent = 'look' | 'change' | 'whole'

/** The yard in this process, reached through the same API and the same client as a service. Throws `home_held`. */
export async function openInProcess(context: CommandContext, extent: Extent): Promise<Connected> {
  const { io } = context
  const settings = await settingsOf(context)
  const held = extent === 'look' ? undefined : await holdHome(settings.home)
  try {
    const yard = await buildYard({ settings, readOnly: extent !== 'whole', log: (message) => io.note(message) })
    const api = createInProcessApi(yard)
    const close = async (): Promise<void> => {
      api.close()
      await yard.close()
      await held?.release()
    }
    return { client: createClient(api), [Symbol.asyncDispose]: close }
  } catch (error) {
    await held?.release()
    throw error
  }
}
