/** Fifty streams and a hundred requests a second while the slot switches twenty times: every answer is accounted for. */
import { type BenchEngine, benchEngine } from '../engine.ts'
import { type Figure, ms } from '../table.ts'
import { type Ours, startOurs, use } from './ours.ts'
import { type RawClient, rawClient, requestTo } from './raw-client.ts'

const streams = 50
const perSecond = 100
const switches = 10
const tokens = 20

type Policy = 'replace' | 'overlap'
interface Books {
  answers: number
  /** No answer, or an error. */
  lost: number
  /** More than one model in it, or another than its header says. */
  mixed: number
  /** Not all of its text, or no end. */
  cut: number
  /** By a model and epoch that no verified switch made. */
  unverified: number
  longestGapMs: number
  lastPieceAt: number
  readonly said: { readonly model: string; readonly epoch: string }[]
}

export async function switching(program: string): Promise<Figure[]> {
  await using engine = await benchEngine({ models: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], tokensPerSecond: 200 })
  const figures: Figure[] = []
  for (const policy of ['replace', 'overlap'] as const) figures.push(figure(policy, await underLoad(program, engine, policy)))
  return figures
}

function figure(policy: Policy, { answers, lost, mixed, cut, unverified, longestGapMs }: Books): Figure {
  const wrong = lost + mixed + cut + unverified
  return {
    what: `${streams} streams and ${perSecond} requests/s through ${switches} switches by ${policy}: lost, mixed, cut, unverified`,
    measured: `${lost}, ${mixed}, ${cut}, ${unverified}`,
    peer: `${answers} answers; longest gap in which nobody got anything ${ms(longestGapMs)}`,
    limit: '0',
    share: wrong === 0 ? 0 : Number.POSITIVE_INFINITY,
  }
}

async function underLoad(program: string, engine: BenchEngine, policy: Policy): Promise<Books> {
  await using ours = await startOurs({ program, providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
  await use(ours, 'a')
  const verified = new Set([await servingOf(ours)])
  const books: Books = { answers: 0, lost: 0, mixed: 0, cut: 0, unverified: 0, longestGapMs: 0, lastPieceAt: performance.now(), said: [] }
  let goesOn = true
  const running = Array.from({ length: streams }, async (_, index) => {
    const client = await rawClient(ours.target)
    while (goesOn) await ask(client, ours, books, index % 2 === 0 ? openAiStream : ollamaStream)
    client.close()
  })
  const requests = atRate(ours, books, () => goesOn)
  for (let index = 0; index < switches; index += 1) {
    await use(ours, ['b', 'c', 'a'][index % 3] ?? 'a', policy)
    verified.add(await servingOf(ours))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  goesOn = false
  await Promise.all([...running, requests])
  books.unverified = books.said.filter(({ model, epoch }) => !verified.has(`${model} ${epoch}`)).length
  return books
}

async function servingOf({ client }: Ours): Promise<string> {
  const { ref = '', epoch } = await client.slot('default').get()
  return `${encodeURI(ref)} ${epoch}`
}

/** A request each ten milliseconds, whether or not those before it have been answered. */
async function atRate(ours: Ours, books: Books, goesOn: () => boolean): Promise<void> {
  const free: RawClient[] = []
  const open = new Set<Promise<void>>()
  const one = async (): Promise<void> => {
    const client = free.pop() ?? (await rawClient(ours.target))
    await ask(client, ours, books, openAiWhole)
    free.push(client)
  }
  while (goesOn()) {
    const asking = one().finally(() => open.delete(asking))
    open.add(asking)
    await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond))
  }
  await Promise.all(open)
  for (const client of free) client.close()
}

interface Way {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly text: RegExp
  readonly end: RegExp
}

const messages = [{ role: 'user', content: 'x' }]
const openAiStream: Way = {
  path: '/v1/chat/completions',
  body: { messages, stream: true, max_tokens: tokens },
  text: /"content":"([^"]*)"/g,
  end: /data: \[DONE\]\n\n$/,
}
const openAiWhole: Way = { ...openAiStream, body: { messages, max_tokens: tokens }, end: /"finish_reason":/ }
const ollamaStream: Way = {
  path: '/api/chat',
  body: { messages, options: { num_predict: tokens } },
  text: openAiStream.text,
  end: /"done": ?true/,
}

async function ask(client: RawClient, { target }: Ours, books: Books, way: Way): Promise<void> {
  let body = ''
  const request = requestTo(target, { model: target.model, ...way.body }, way.path)
  const read = (piece: Buffer): void => {
    const now = performance.now()
    books.longestGapMs = Math.max(books.longestGapMs, now - books.lastPieceAt)
    books.lastPieceAt = now
    body += piece.toString('latin1')
  }
  const { status, head } = await client.ask(request, read).catch(() => ({ status: 0, head: '' }))
  books.answers += 1
  if (status !== 200) {
    books.lost += 1
    return
  }
  const model = /\r\nx-modelyard-model: *(\S+)/.exec(head)?.[1] ?? ''
  books.said.push({ model, epoch: /\r\nx-modelyard-epoch: *(\S+)/.exec(head)?.[1] ?? '' })
  const text = [...body.matchAll(way.text)].map(([, part]) => part).join('')
  const name = model.replace(/^ollama\/|:latest$/g, '')
  const whole = Array.from({ length: tokens }, (_, index) => `${name}#${index} `).join('')
  if (!text.split(' ').every((word) => word === '' || word.startsWith(`${name}#`))) books.mixed += 1
  else if (text.trim() !== whole.trim() || !way.end.test(body)) books.cut += 1
}
