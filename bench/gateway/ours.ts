/** Our gateway, as it is shipped, over one provider alone, in a process of its own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '../../src/client/index.ts'
import type { ConfigFile } from '../../src/contract/index.ts'
import { engineVersion } from '../../src/providers/embedded/engine-folder.ts'
import type { Told, Weight, Wish } from './program.ts'
import type { Target } from './raw-client.ts'

export interface Ours extends AsyncDisposable {
  /** Its default slot. */
  readonly target: Target
  readonly client: Client
  weigh(): Promise<Weight>
  /** The longest task of the main thread while this is done. */
  longestTask(work: () => Promise<unknown>): Promise<number>
}

export interface OursOptions {
  readonly program: string
  readonly providers: NonNullable<ConfigFile['providers']>
  readonly library?: string
}

const off = { enabled: false }
/** The bundle lies elsewhere than what was set up. */
const engineFolder = fileURLToPath(new URL(`../../.engines/node-llama-cpp-${engineVersion}`, import.meta.url))

export async function startOurs({ program, providers, library }: OursOptions): Promise<Ours> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  const all = { ollama: off, lmstudio: off, llamacpp: off, embedded: off, ...providers }
  const settings = { home, port: 0, providers: all, ...(library !== undefined && { library }) }
  const env = { MODELYARD_ENGINE_DIR: engineFolder, ...process.env }
  const execArgv = ['--expose-gc', ...(process.env.BENCH_NODE_ARGS ?? '').split(' ').filter((word) => word !== '')]
  const child = fork(program, [JSON.stringify(settings)], { execArgv, env })
  const leave = (): void => void child.kill('SIGKILL')
  process.once('exit', leave)
  const [{ url, tokenFile }] = (await once(child, 'message')) as [{ url: string; tokenFile: string }]
  const token = (await readFile(tokenFile, 'utf8')).trim()
  const asked = async (wish: Wish): Promise<Told> => {
    child.send(wish)
    const [told] = (await once(child, 'message')) as [Told]
    return told
  }
  return {
    target: { name: 'Modelyard', url, model: 'default', token },
    client: createClient({ url, token }),
    weigh: async () => (await asked('weigh')) as Weight,
    async longestTask(work) {
      child.send('watch' satisfies Wish)
      await work()
      return ((await asked('watched')) as { longestMs: number }).longestMs
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', leave)
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Over the upstream of the bench, its model chosen. */
export async function oursBefore(upstream: string, program: string): Promise<Ours> {
  const ours = await startOurs({ program, providers: { bench: { kind: 'openai-compatible', baseUrl: `${upstream}/v1` } } })
  await use(ours, 'bench/m')
  return ours
}

export async function use({ client }: Ours, model: string, policy: 'replace' | 'overlap' = 'replace'): Promise<void> {
  const { outcome, error } = await client.slot('default').switch(model, { policy })
  if (outcome !== 'switched') throw new Error(`${outcome}: ${error?.message}`)
}
