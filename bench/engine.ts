/** A fake engine in a process of its own, so that what it costs is not measured. */
import { fork } from 'node:child_process'
import type { FakeModel } from '../src/testing/fakes/fake-models.ts'
import { fakeOllama } from '../src/testing/fakes/fake-ollama.ts'

export interface BenchEngine extends AsyncDisposable {
  readonly url: string
}

export async function benchEngine(options: {
  models: readonly FakeModel[]
  tokensPerSecond?: number
  never?: boolean
}): Promise<BenchEngine> {
  const child = fork(new URL(import.meta.url).pathname, ['engine', JSON.stringify(options)], { execArgv: ['--import', 'tsx'] })
  const url = await new Promise<string>((resolve) => child.once('message', (message) => resolve(String(message))))
  return {
    url,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
}

if (process.send && process.argv[2] === 'engine') {
  const { never, ...options } = JSON.parse(process.argv[3] ?? '{}') as Parameters<typeof benchEngine>[0]
  const engine = await fakeOllama(options)
  if (never) engine.faults.add({ fault: { kind: 'never' } })
  process.on('disconnect', () => process.exit(0))
  process.send(engine.url)
}
