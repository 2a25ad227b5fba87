/** What the yard adds to a chat, per request and per token, beyond asking the engine's URL with undici. */
import { Pool } from 'undici'
import { type BenchEngine, benchEngine } from './engine.ts'
import { type Figure, median, ms } from './table.ts'
import { benchYard } from './yard.ts'

const requests = 600
const streams = 50
const tokens = 200
const pace = 100

export async function chat(): Promise<Figure[]> {
  return [await perRequest(), await perToken()]
}

async function perRequest(): Promise<Figure> {
  await using engine = await benchEngine({ models: [{ name: 'm' }] })
  await using subject = await benchYard({ ollama: { kind: 'ollama', baseUrl: engine.url } })
  const { yard } = subject
  await yard.slot('default').switch('m')
  const client = yard.chat()
  const bare = bareClient(engine)
  const times: { yard: number[]; bare: number[] } = { yard: [], bare: [] }
  // In turn, so that whatever else the machine does falls on both.
  for (let index = 0; index < requests + 100; index += 1) {
    const first = performance.now()
    for await (const _ of client.stream({ messages: [{ role: 'user', content: 'x' }], maxTokens: 1 }));
    const second = performance.now()
    await bare.ask(1)
    const third = performance.now()
    if (index < 100) continue
    times.yard.push(second - first)
    times.bare.push(third - second)
  }
  await bare.close()
  const added = median(times.yard) - median(times.bare)
  return {
    what: 'added by the yard to a chat, per request (p50)',
    measured: ms(added),
    peer: `undici ${ms(median(times.bare))}, yard ${ms(median(times.yard))}`,
    limit: '0.3 ms',
    share: added / 0.3,
  }
}

function bareClient(engine: BenchEngine) {
  const pool = new Pool(engine.url)
  return {
    async ask(count: number, onPiece: () => void = () => {}): Promise<void> {
      const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }], options: { num_predict: count } })
      const answer = await pool.request({ method: 'POST', path: '/api/chat', body, headers: { 'content-type': 'application/json' } })
      for await (const _ of answer.body) onPiece()
    },
    close: () => pool.destroy(),
  }
}

/** How far behind its pace each token comes, against the same streams asked for with undici. */
async function perToken(): Promise<Figure> {
  await using engine = await benchEngine({ models: [{ name: 'm' }], tokensPerSecond: pace })
  await using subject = await benchYard({ ollama: { kind: 'ollama', baseUrl: engine.url } })
  const { yard } = subject
  await yard.slot('default').switch('m')
  const client = yard.chat()
  const bare = bareClient(engine)
  const bareDelays = await delays((onToken) => bare.ask(tokens, onToken))
  const yardDelays = await delays(async (onToken) => {
    for await (const part of client.stream({ messages: [{ role: 'user', content: 'x' }], maxTokens: tokens }))
      if (part.type === 'delta') onToken()
  })
  await bare.close()
  const added = median(yardDelays) - median(bareDelays)
  return {
    what: `added per token, ${streams} streams of ${pace} tokens/s (p50)`,
    measured: ms(added),
    peer: `undici ${ms(median(bareDelays))}, yard ${ms(median(yardDelays))} behind the pace`,
    limit: '0.5 ms',
    share: added / 0.5,
  }
}

async function delays(run: (onToken: () => void) => Promise<void>): Promise<number[]> {
  const all: number[] = []
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const times: number[] = []
      await run(() => times.push(performance.now()))
      // The token that came soonest after its turn sets the clock of the stream.
      const starts = times.map((time, index) => time - (index * 1000) / pace)
      const start = Math.min(...starts)
      all.push(...starts.map((one) => one - start))
    }),
  )
  return all
}
