/** The service in a process of its own: what it weighs and holds open is its own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { buildYard } from '../../src/modelyard.ts'
import { listen } from '../../src/server/listen.ts'
import { resolveSettings, type SettingsInput } from '../../src/store/settings.ts'

export const token = 'the-token-of-the-home-of-this-soak'

export interface Weight {
  /** Heap and what lies outside it, after a collection. */
  readonly bytes: number
  readonly rss: number
  readonly sockets: number
}

export interface SoakService extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  weigh(): Promise<Weight>
  /** Faults of ours that it logged. */
  readonly faults: readonly string[]
}

type FromService = { readonly url: string } | { readonly weight: Weight } | { readonly fault: string }

export async function soakService(options: NonNullable<SettingsInput['options']>): Promise<SoakService> {
  const child = fork(new URL(import.meta.url).pathname, ['soak-service', JSON.stringify(options)], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
  })
  const faults: string[] = []
  child.on('message', (said: FromService) => {
    if ('fault' in said) faults.push(said.fault)
  })
  const heard = async <Key extends string>(key: Key): Promise<Extract<FromService, Record<Key, unknown>>> => {
    for (;;) {
      const [said] = (await once(child, 'message')) as [FromService]
      if (key in said) return said as Extract<FromService, Record<Key, unknown>>
    }
  }
  const { url } = await heard('url')
  return {
    url,
    pid: child.pid ?? 0,
    faults,
    async weigh() {
      child.send('weigh')
      return (await heard('weight')).weight
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.send('close')
      await gone
    },
  }
}

/** Silence of an engine is borne for less long than usually, and clients who wait hear of it more often. */
const limits = { firstByteMs: 3000, idleMs: 3000, keepAliveMs: 200 }

async function work(options: NonNullable<SettingsInput['options']>): Promise<void> {
  const tell = (said: FromService): void => void process.send?.(said)
  const settings = await resolveSettings({ env: {}, options })
  const log = (message: string, error?: unknown): void => {
    if (/fault of ours|task of switching/.test(message)) tell({ fault: `${message}: ${String((error as Error)?.stack ?? error)}` })
  }
  const yard = await buildYard({ settings, log })
  const tokens = { matches: (candidate: string) => candidate === token, onRotate: () => () => {} }
  const service = await listen({ ...settings, yard, tokens, limits, log })
  process.on('message', async (what) => {
    if (what === 'weigh') return tell({ weight: await weigh() })
    await service.close(0)
    await yard.close()
    process.disconnect()
  })
  process.on('disconnect', () => process.exit(0))
  process.on('unhandledRejection', (error) => tell({ fault: `unhandled: ${String((error as Error)?.stack ?? error)}` }))
  tell({ url: service.url })
}

async function weigh(): Promise<Weight> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const sockets = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
  return { bytes: heapUsed + external, rss, sockets }
}

if (process.send && process.argv[2] === 'soak-service') await work(JSON.parse(process.argv[3] ?? '{}'))
