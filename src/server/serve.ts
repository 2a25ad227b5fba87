/** The service: holds the home, builds the yard, listens, and ends in order. */
import { buildYard } from '../modelyard.ts'
import { isLoopbackHost, isUnspecifiedHost } from '../platform/loopback.ts'
import { holdHome } from '../store/home-lock.ts'
import type { ResolvedSettings } from '../store/resolved.ts'
import { openTokenSource, tokenFileOf } from '../store/token.ts'
import type { Yard } from '../yard/yard.ts'
import { listen } from './listen.ts'

export interface ServeOptions {
  readonly settings: ResolvedSettings
  readonly log: (message: string, error?: unknown) => void
  /** Someone asked the service to end, over the home's lock. */
  readonly onStop?: (() => void) | undefined
}

export interface Service {
  readonly url: string
  readonly pid: number
  readonly tokenFile: string
  readonly yard: Yard
  /** Streams end with a last event, switches are rolled back or journalled, children end. Idempotent; within 10 s. */
  close(): Promise<void>
}

/** Throws `home_held`, `port_taken`, `invalid_configuration`; leaves nothing behind then. */
export async function serve({ settings, log, onStop }: ServeOptions): Promise<Service> {
  if (!isLoopbackHost(settings.host))
    log(`listening on ${settings.host}: other machines can reach this service; whoever has the token controls it`)
  const home = await holdHome(settings.home, { onAsk: (wish) => wish === 'stop' && onStop?.() })
  const cleanUp: (() => unknown)[] = [() => home.release()]
  try {
    const tokens = await openTokenSource(settings.home, settings.token)
    cleanUp.unshift(tokens.close)
    const ours = createOwnAddresses(settings)
    const yard = await buildYard({ settings, log, isOurs: ours.has })
    cleanUp.unshift(yard.close)
    const listening = await listen({ ...settings, yard, tokens, log })
    ours.port = listening.port
    cleanUp.splice(1, 0, listening.close)
    const service = { url: listening.url, pid: process.pid, tokenFile: tokenFileOf(settings.home) }
    await home.publish(service)
    let closed: Promise<void> | undefined
    return {
      ...service,
      yard,
      close() {
        closed ??= inOrder(cleanUp)
        return closed
      },
    }
  } catch (error) {
    await inOrder(cleanUp)
    throw error
  }
}

async function inOrder(steps: readonly (() => unknown)[]): Promise<void> {
  for (const step of steps) await step()
}

/** Every name under which this machine would reach our own listener. */
function createOwnAddresses({ host, port }: ResolvedSettings): { port: number; has(url: URL): boolean } {
  const own = {
    port,
    has(url: URL): boolean {
      if (own.port === 0 || Number(url.port || (url.protocol === 'https:' ? 443 : 80)) !== own.port) return false
      const name = url.hostname.replace(/^\[|\]$/g, '')
      return isLoopbackHost(name) || isUnspecifiedHost(name) || name === host
    },
  }
  return own
}

/** Calls back when standard input ends: whoever started us is gone. Read by the one stream of Node that takes every kind of it. */
export function whenParentLeaves(callback: () => void): void {
  process.stdin.on('error', callback).on('end', callback).resume()
}
