import { startInBackground } from './background.ts'
import type { CommandContext } from './command-spec.ts'
import type { Connected } from './connected.ts'
import { findRunning, homeOf, type RunningService, tokenOf } from './home.ts'
import { clientOver } from './http-client.ts'

/**
 * What a command needs: `read` works without service and lock; `write` asks a running service or holds the home's lock
 * itself; `serve` leaves something behind that must outlive the command, so it starts a service when none runs.
 */
export type Need = 'read' | 'write' | 'serve'

/** The one thing a command talks to. */
export async function connect(context: CommandContext, need: Need): Promise<Connected> {
  const running = await findRunning(homeOf(context))
  if (running) {
    noteUnused(context)
    return overHttp(context, running)
  }
  if (need === 'serve' && context.options.foreground !== true) return overHttp(context, await startInBackground(context))
  const { openInProcess } = await import('./in-process.ts')
  return openInProcess(context, extents[need])
}

const extents = { read: 'look', write: 'change', serve: 'whole' } as const

function overHttp(context: CommandContext, service: RunningService): Connected {
  const { client, close } = clientOver(service.url, () => tokenOf(context))
  return { client, service, [Symbol.asyncDispose]: close }
}

/** A service has a configuration of its own: flags that name another one are without effect. */
function noteUnused({ io, options }: CommandContext): void {
  for (const name of ['library', 'config'])
    if (options[name] !== undefined) io.note(`--${name} is not used: the running service has its own.`)
}
