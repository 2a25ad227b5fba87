/** Ten thousand requests and two hundred switches: what is left afterwards, after a collection. */
import { fork } from 'node:child_process'
import { benchEngine } from './engine.ts'
import { type Figure, megabytes } from './table.ts'
import { benchYard } from './yard.ts'

interface Weight {
  readonly heap: number
  readonly rss: number
}

export async function longRun(): Promise<Figure[]> {
  const child = fork(new URL(import.meta.url).pathname, ['run'], { execArgv: ['--expose-gc', '--import', 'tsx'] })
  const { before, after } = await new Promise<{ before: Weight; after: Weight }>((resolve) =>
    child.once('message', (message) => resolve(message as { before: Weight; after: Weight })),
  )
  const [heap, rss] = [after.heap - before.heap, after.rss - before.rss]
  return [
    {
      what: 'after 10,000 requests and 200 switches: heap and external',
      measured: `+${megabytes(heap)}`,
      peer: `before ${megabytes(before.heap)}`,
      limit: '10 MB',
      share: heap / 10e6,
    },
    {
      what: 'after 10,000 requests and 200 switches: resident',
      measured: `+${megabytes(rss)}`,
      peer: `before ${megabytes(before.rss)}`,
      limit: '40 MB',
      share: rss / 40e6,
    },
  ]
}

async function work(): Promise<{ before: Weight; after: Weight }> {
  await using engine = await benchEngine({ models: [{ name: 'a' }, { name: 'b' }] })
  await using subject = await benchYard({ ollama: { kind: 'ollama', baseUrl: engine.url } })
  const { yard } = subject
  const slot = yard.slot('default')
  const round = async (requests: number, switches: number): Promise<void> => {
    for (let index = 0; index < switches; index += 1) {
      await slot.switch(index % 2 === 0 ? 'a' : 'b')
      const each = Array.from({ length: requests / switches }, async () => {
        for await (const _ of yard.chat().stream({ messages: [{ role: 'user', content: 'x' }], maxTokens: 5 }));
      })
      await Promise.all(each)
    }
  }
  // Compiled code, pools and the history of 200 switches are there before the first weighing.
  await round(4000, 200)
  const before = await weigh()
  await round(10_000, 200)
  return { before, after: await weigh() }
}

async function weigh(): Promise<Weight> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

if (process.send && process.argv[2] === 'run') {
  const result = await work()
  process.send(result, () => process.exit(0))
}
