/** A fake engine in a process of its own, which is killed and started again at its old address. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Asked, FaultRule } from '../../src/testing/fakes/fake-server.ts'
import {
  type FakeEngineOptions,
  type FakeServer,
  type FakeShelf,
  fakeLlamaServer,
  fakeOllama,
  fakeOpenAi,
} from '../../src/testing/index.ts'

export interface SoakEngineOptions extends FakeEngineOptions {
  readonly kind: 'ollama' | 'llamacpp' | 'openai'
}

export interface SoakEngine extends AsyncDisposable {
  readonly url: string
  readonly pid: number | undefined
  /** With -9. */
  kill(): Promise<void>
  start(): Promise<void>
  /** The next requests are answered so. */
  fault(rule: FaultRule): void
  noFaults(): void
  /** Answers that it still makes. */
  running(): Promise<number>
}

type ToEngine = { readonly fault: FaultRule } | 'no-faults' | 'running'

export async function soakEngine(options: SoakEngineOptions): Promise<SoakEngine> {
  let child: ChildProcess | undefined
  let port = 0
  // One that is being killed hears nothing any more.
  const tell = (message: ToEngine): void => void (child?.connected && child.send(message, () => undefined))
  const kill = async (): Promise<void> => {
    const gone = child && once(child, 'exit')
    child?.kill('SIGKILL')
    await gone
    child = undefined
  }
  const start = async (): Promise<void> => {
    if (child) return
    child = fork(new URL(import.meta.url).pathname, ['soak-engine', JSON.stringify({ ...options, port })], {
      execArgv: ['--import', 'tsx'],
    })
    const [said] = await once(child, 'message')
    port = Number(said)
  }
  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return child?.pid
    },
    kill,
    start,
    fault: (rule) => tell({ fault: rule }),
    noFaults: () => tell('no-faults'),
    async running() {
      if (!child) return 0
      tell('running')
      const [count] = await once(child, 'message')
      return Number(count)
    },
    [Symbol.asyncDispose]: kill,
  }
}

const makers: Record<SoakEngineOptions['kind'], (options: FakeEngineOptions) => Promise<FakeServer & { shelf: FakeShelf }>> = {
  ollama: fakeOllama,
  openai: fakeOpenAi,
  llamacpp: (options) => fakeLlamaServer({ ...options, router: true }),
}

async function work({ kind, ...options }: SoakEngineOptions): Promise<void> {
  const engine = await makers[kind](options)
  // Nobody reads it here.
  const ledger = engine.ledger as Asked[]
  setInterval(() => ledger.splice(0), 1000)
  process.on('message', (message: ToEngine) => {
    if (message === 'no-faults') engine.faults.clear()
    else if (message === 'running') process.send?.([...engine.shelf.loaded.values()].reduce((sum, one) => sum + one.running, 0))
    else engine.faults.add(message.fault)
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(engine.port)
}

if (process.send && process.argv[2] === 'soak-engine') await work(JSON.parse(process.argv[3] ?? '{}') as SoakEngineOptions)
