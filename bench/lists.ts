/** One list over several engines: as slow as the slowest, never slower than its limit. */
import { type BenchEngine, benchEngine } from './engine.ts'
import { type Figure, median, ms } from './table.ts'
import { benchYard } from './yard.ts'

const listLimitMs = 5000

export async function lists(): Promise<Figure[]> {
  return [await healthy(), await oneSilent(), await thousand()]
}

const names = ['a', 'b', 'c', 'd', 'e'] as const
const providersAt = (engines: readonly BenchEngine[]) =>
  Object.fromEntries(engines.map(({ url }, index) => [`e${names[index]}`, { kind: 'ollama' as const, baseUrl: url }]))

async function timed(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return median(times)
}

async function ask(url: string): Promise<void> {
  for (const path of ['/api/tags', '/api/ps']) await (await fetch(url + path)).text()
}

/** Five of them; the last one may be silent. */
async function five(options: { lastIsSilent: boolean }): Promise<AsyncDisposable & { engines: BenchEngine[] }> {
  const engines = await Promise.all(
    names.map((name, index) => benchEngine({ models: [{ name }], never: options.lastIsSilent && index === 4 })),
  )
  return {
    engines,
    async [Symbol.asyncDispose]() {
      for (const engine of engines) await engine[Symbol.asyncDispose]()
    },
  }
}

async function healthy(): Promise<Figure> {
  await using started = await five({ lastIsSilent: false })
  const { engines } = started
  await using subject = await benchYard(providersAt(engines))
  await subject.yard.models.list()
  const slowest = Math.max(...(await Promise.all(engines.map(({ url }) => timed(20, () => ask(url))))))
  const yard = await timed(30, () => subject.yard.models.list())
  return {
    what: 'list over 5 engines: beyond the slowest',
    measured: ms(yard - slowest),
    peer: `the slowest alone ${ms(slowest)}, list ${ms(yard)}`,
    limit: '10 ms',
    share: (yard - slowest) / 10,
  }
}

async function oneSilent(): Promise<Figure> {
  await using started = await five({ lastIsSilent: true })
  await using subject = await benchYard(providersAt(started.engines))
  const yard = await timed(2, () => subject.yard.models.list())
  return {
    what: 'list over 5 engines of which one never answers: beyond its limit',
    measured: ms(yard - listLimitMs),
    peer: `limit ${ms(listLimitMs)}, list ${ms(yard)}`,
    limit: '100 ms',
    share: (yard - listLimitMs) / 100,
  }
}

async function thousand(): Promise<Figure> {
  const models = Array.from({ length: 1000 }, (_, index) => ({ name: `model-${index}` }))
  await using engine = await benchEngine({ models })
  await using subject = await benchYard({ ollama: { kind: 'ollama', baseUrl: engine.url } })
  await timed(10, () => subject.yard.models.list())
  const bare = await timed(20, async () => (await fetch(`${engine.url}/api/tags`)).text())
  const yard = await timed(20, () => subject.yard.models.list())
  return {
    what: '1,000 models in one engine: beyond its answer',
    measured: ms(yard - bare),
    peer: `its answer ${ms(bare)}, list ${ms(yard)}`,
    limit: '20 ms',
    share: (yard - bare) / 20,
  }
}
