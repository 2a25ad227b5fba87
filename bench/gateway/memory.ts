/** What the gateway weighs, and how long its main thread works at one thing. */
import { type Figure, megabytes, ms } from '../table.ts'
import type { Ours } from './ours.ts'
import { rawClient, requestTo } from './raw-client.ts'
import { load } from './throughput.ts'

const requests = 100_000

export async function idleMemory(ours: Ours): Promise<Figure[]> {
  const { residentBytes } = await ours.weigh()
  return [
    {
      what: 'idle gateway, resident',
      measured: megabytes(residentBytes),
      peer: 'a slot is chosen',
      limit: '100 MB',
      share: residentBytes / 100e6,
    },
  ]
}

export async function memoryAfter(ours: Ours): Promise<Figure[]> {
  // Compiled code and pools are there before the first weighing.
  await load(ours.target, { requests: 10_000 })
  const before = await ours.weigh()
  const { answers, seconds } = await load(ours.target, { requests })
  const after = await ours.weigh()
  const grown = after.heapBytes - before.heapBytes
  return [
    {
      what: `after ${answers.toLocaleString('en')} requests: heap and external`,
      measured: `${grown < 0 ? '' : '+'}${megabytes(grown)}`,
      peer: `before ${megabytes(before.heapBytes)}; ${Math.round(answers / seconds)} requests/s, ${Math.round((1e6 * (after.cpuSeconds - before.cpuSeconds)) / answers)} µs of CPU each; resident ${megabytes(after.residentBytes)}`,
      limit: '10 MB',
      share: grown / 10e6,
    },
  ]
}

const bigBytes = 58 * 2 ** 20
const tries = 5

/** The shortest of several tries: whoever else has the processor only makes it longer. */
export async function longTasks(ours: Ours): Promise<Figure[]> {
  const part = { type: 'text', text: 'x' }
  const parts = Array.from({ length: Math.floor(bigBytes / (JSON.stringify(part).length + 1)) }, () => part)
  const body = { model: ours.target.model, messages: [{ role: 'user', content: 'x' }], notes: parts }
  const figures: Figure[] = []
  for (const [how, path, rest] of [
    ['handed on', '/v1/chat/completions', {}],
    ['translated', '/v1/messages', { max_tokens: 8 }],
  ] as const) {
    const request = requestTo(ours.target, { ...body, ...rest }, path)
    let longest = Number.POSITIVE_INFINITY
    let status = 0
    for (let round = 0; round < tries; round += 1) {
      const task = await ours.longestTask(async () => {
        const client = await rawClient(ours.target)
        status = (await client.ask(request)).status
        client.close()
      })
      longest = Math.min(longest, task)
    }
    figures.push({
      what: `a body of 58 MiB of small objects, ${how}: longest task of the main thread`,
      measured: ms(longest),
      peer: `answered with ${status}; the shortest of ${tries}`,
      limit: '10 ms',
      share: longest / 10,
    })
  }
  return figures
}
