/** A yard over a temporary home and the providers a test names; everything is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigFile, HistoryEvent } from '../../src/contract/index.ts'
import { buildYard } from '../../src/modelyard.ts'
import type { ResolvedSettings } from '../../src/store/resolved.ts'
import { resolveSettings } from '../../src/store/settings.ts'
import type { Yard } from '../../src/yard/yard.ts'

export interface TestYard extends AsyncDisposable {
  readonly yard: Yard
  readonly home: string
  readonly events: readonly HistoryEvent[]
  /** The next event, from now on or already there, that satisfies it. */
  waitFor(what: (event: HistoryEvent) => boolean): Promise<HistoryEvent>
  /** Ends this yard and builds another on the same home, as a restart does. */
  restart(env?: NodeJS.ProcessEnv): Promise<TestYard>
  readonly logged: readonly string[]
}

export interface TestYardOptions {
  readonly providers?: ConfigFile['providers']
  readonly slots?: ConfigFile['slots']
  readonly models?: ConfigFile['models']
  readonly hub?: ConfigFile['hub']
  readonly home?: string
  readonly library?: string
  readonly envFile?: string
  readonly env?: NodeJS.ProcessEnv
  readonly sampleMs?: number
  /** Of a service over it. */
  readonly port?: number
}

/** The defaults are switched off: a test knows every server it speaks to. */
export const off = {
  ollama: { enabled: false },
  lmstudio: { enabled: false },
  llamacpp: { enabled: false },
  embedded: { enabled: false },
} as const

export const testFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'modelyard-test-'))

export async function testSettings(options: TestYardOptions & { home: string }): Promise<ResolvedSettings> {
  const { providers, env = {}, sampleMs: _, ...given } = options
  return resolveSettings({ env, options: { ...given, providers: { ...off, ...providers } } })
}

export async function testYard(options: TestYardOptions = {}): Promise<TestYard> {
  const home = options.home ?? (await testFolder())
  const logged: string[] = []
  const yard = await buildYard({
    settings: await testSettings({ ...options, home }),
    log: (message) => void logged.push(message),
    patience: { pauseMs: [5, 50] },
    sampleMs: options.sampleMs,
  })
  const events: HistoryEvent[] = []
  const waiting = new Set<() => void>()
  yard.onEvent((event) => {
    events.push(event)
    for (const look of [...waiting]) look()
  })
  let keep = false
  return {
    yard,
    home,
    events,
    logged,
    waitFor: (what) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(what)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async restart(env = options.env ?? {}) {
      keep = true
      await yard.close()
      return testYard({ ...options, home, env })
    },
    async [Symbol.asyncDispose]() {
      await yard.close()
      if (!keep) await rm(home, { recursive: true, force: true })
    },
  }
}
