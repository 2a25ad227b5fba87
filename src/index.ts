/**
 * Modelyard as a library: find, list and switch the models of every engine on this machine, in your own process.
 *
 * @example
 * ```ts
 * await using yard = await createModelyard({ envFile: '.env' })
 * const result = await yard.slot('default').switch('ollama/qwen3:8b')
 * const job = await yard.jobs.start({ repo: 'bartowski/Qwen_Qwen3-8B-GGUF', quantization: 'Q4_K_M' })
 * for await (const event of job.events()) { … }
 * for await (const part of yard.chat().stream({ messages: [{ role: 'user', content: 'Hello' }] })) { … }
 * ```
 */
import type { ConfigFile } from './contract/index.ts'
import { buildYard } from './modelyard.ts'
import { listen as listenOn } from './server/listen.ts'
import { holdHome } from './store/home-lock.ts'
import { resolveSettings } from './store/settings.ts'
import { openTokenSource, tokenFileOf } from './store/token.ts'
import type { Yard } from './yard/yard.ts'

export type * from './contract/index.ts'
export { ModelyardError } from './contract/index.ts'
export type {
  Cancellable,
  ChatClient,
  EventQuery,
  JobHandle,
  Jobs,
  RemoveOptions,
  RunningSwitch,
  SlotHandle,
  SwitchOptions,
  Yard,
} from './yard/yard.ts'

export interface ModelyardOptions {
  /** State folder; the platform's own place when absent. */
  readonly home?: string
  /** Folder of GGUF files; `<home>/library` when absent. */
  readonly library?: string
  /** The `.env` file that mirrors the choice; `<home>/.env` when absent. */
  readonly envFile?: string
  /** Configuration file; `<home>/modelyard.config.jsonc` when absent. */
  readonly config?: string
  /** Added to, or changing, the default providers, as in the configuration file. */
  readonly providers?: ConfigFile['providers']
  readonly slots?: ConfigFile['slots']
  readonly models?: ConfigFile['models']
  /** Another Hub than Hugging Face, such as a mirror. */
  readonly hub?: ConfigFile['hub']
  /** Warnings and faults; silent when absent. Never a secret. */
  readonly log?: (message: string, error?: unknown) => void
}

export interface AppOptions {
  readonly host?: string
  /** 7411 when absent; 0 picks a free one. */
  readonly port?: number
  readonly allowedHosts?: readonly string[]
  readonly allowedOrigins?: readonly string[]
}

/** The same service as `modelyard serve`. */
export interface App {
  readonly url: string
  readonly tokenFile: string
  close(): Promise<void>
}

export interface Modelyard extends Yard {
  listen(options?: AppOptions): Promise<App>
}

/** Builds a yard that listens on nothing. Holds the home: a second one on the same home throws `home_held`. */
export async function createModelyard(options: ModelyardOptions = {}): Promise<Modelyard> {
  const { log = () => {}, ...given } = options
  const settings = await resolveSettings({ env: process.env, options: given })
  const home = await holdHome(settings.home)
  const own = { ports: new Set<number>() }
  const yard = await buildYard({ settings, log, isOurs: (url) => own.ports.has(Number(url.port)) && url.hostname !== '' }).catch(
    async (error) => {
      await home.release()
      throw error
    },
  )
  const apps = new Set<App>()

  const listen = async (wanted: AppOptions = {}): Promise<App> => {
    const { host, port, allowedHosts, allowedOrigins, frameAncestors } = {
      ...(await resolveSettings({
        env: {},
        options: {
          ...given,
          ...(wanted.port !== undefined && { port: wanted.port }),
          ...(wanted.host && { host: wanted.host }),
          ...(wanted.allowedHosts && { allowedHosts: wanted.allowedHosts }),
          ...(wanted.allowedOrigins && { allowedOrigins: wanted.allowedOrigins }),
        },
      })),
    }
    const tokens = await openTokenSource(settings.home, settings.token)
    const listening = await listenOn({ yard, host, port, allowedHosts, allowedOrigins, frameAncestors, tokens, log })
    own.ports.add(listening.port)
    await home.publish({ url: listening.url, pid: process.pid })
    const app: App = {
      url: listening.url,
      tokenFile: tokenFileOf(settings.home),
      async close() {
        apps.delete(app)
        tokens.close()
        await listening.close()
      },
    }
    apps.add(app)
    return app
  }

  const close = async (): Promise<void> => {
    for (const app of [...apps]) await app.close()
    await yard.close()
    await home.release()
  }
  return { ...yard, listen, close, [Symbol.asyncDispose]: close }
}
