/**
 * `npm run soak`: random clients in all dialects while slots move, engines die and tokens are revoked; at the end the
 * books balance. What happens follows from the seed, which it prints.
 */
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Books, countedIn, openBooks, sumIn } from './books.ts'
import { chanceOf } from './chance.ts'
import { type ClientWorld, runClient } from './client.ts'
import { deeds, type HandWorld } from './hand.ts'
import { comeToRest, type SoakScene, soakScene } from './scene.ts'
import { watchServed } from './served.ts'
import type { Weight } from './service.ts'
import { createTokenPool } from './token-pool.ts'

const clients = 24
const warmUpSeconds = 20
const restSeconds = 40
const mostGrowth = { bytes: 10e6, rss: 60e6 }

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) } },
})
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new TypeError('--minutes and --seed take numbers')

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function load(scene: SoakScene, books: Books, world: ClientWorld & HandWorld, seconds: number, from: number): Promise<void> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), seconds * 1000)
  const each = Array.from({ length: clients }, (_, index) => runClient(world, chanceOf(seed, from + index), `${from + index}`, stop.signal))
  const hands = deeds.map((deed, index) => deed(world, chanceOf(seed, from + clients + index), stop.signal))
  await Promise.all([...each, ...hands])
  clearTimeout(timer)
  await comeToRest(scene).catch((error: Error) => books.fault(error.message))
}

type Rest = Weight & { readonly children: number }
const atRest = async ({ service, children }: SoakScene): Promise<Rest> => ({ ...(await service.weigh()), children: await children() })

/** Nothing runs or waits, and what is held open is what an idle service holds; what it is then. */
async function settled(scene: SoakScene, books: Books): Promise<Rest> {
  const until = performance.now() + restSeconds * 1000
  for (;;) {
    const rest = await atRest(scene)
    const open = await openEnds(scene)
    if (open === '' && rest.sockets <= idleSockets(scene) && rest.children <= idleChildren(scene)) return rest
    if (performance.now() > until) {
      books.fault(`it does not come to rest: ${JSON.stringify(rest)} ${open}`)
      return rest
    }
    await pause(500)
  }
}

/** A look at an engine asks three things at once; the others are this very program's. */
const idleSockets = ({ engines }: SoakScene): number => engines.length * 3 + 4
/** The embedded engine keeps one without a model ready. */
const idleChildren = ({ embedded }: SoakScene): number => (embedded.length > 0 ? 1 : 0)

async function openEnds({ client, engines, metrics }: SoakScene): Promise<string> {
  const slots = (await client.slots.list()).filter(({ leases, waiting }) => leases + waiting > 0)
  const running = await Promise.all(engines.map((one) => one.running()))
  const counted = sumIn(await metrics(), 'modelyard_model_running')
  return slots.length + counted + running.reduce((sum, one) => sum + one, 0) === 0 ? '' : JSON.stringify({ slots, running, counted })
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

async function soak(): Promise<number> {
  await using scene = await soakScene()
  const { service, client } = scene
  say(`soak: ${minutes} min, --seed ${seed}; ${clients} clients, ${scene.refs.join(', ')}`)
  const agent = new Agent({ keepAlive: true, timeout: 60_000 })
  const books = openBooks()
  const tokens = createTokenPool(client, (await import('./service.ts')).token)
  const happened = new Map<string, number>()
  const served = watchServed(client)
  const generated = new Map<string, number>()
  const onTokens = (ref: string, count: number): void => void generated.set(ref, (generated.get(ref) ?? 0) + count)
  const world = { ...scene, url: service.url, agent, books, tokens, happened, onServed: served.note, onTokens }

  await load(scene, books, world, warmUpSeconds, 1000)
  agent.destroy()
  const before = await settled(scene, books)
  say(`soak: warm after ${books.requests} requests: ${megabytes(before.bytes)}, ${before.sockets} sockets, ${before.children} children`)
  await load(scene, books, world, minutes * 60, 2000)
  agent.destroy()
  const after = await settled(scene, books)
  await served.end()
  for (const fault of [...served.faults(), ...service.faults]) books.fault(fault)
  const metrics = await scene.metrics()
  for (const fault of books.balance(countedIn(metrics))) books.fault(fault)
  for (const [ref, least] of generated) {
    const counted = sumIn(metrics, 'modelyard_model_completion_tokens_total', `model="${ref}"`)
    if (counted < least) books.fault(`${ref}: ${counted} tokens were counted, clients got ${least}`)
  }
  for (const key of ['bytes', 'rss'] as const) {
    const grown = after[key] - before[key]
    if (grown > mostGrowth[key]) books.fault(`${key}: ${megabytes(grown)} more than before, ${megabytes(mostGrowth[key])} at most`)
  }
  say(`soak: ${books.requests} requests: ${books.summary()}`)
  say(`soak: ${[...happened].map(([what, count]) => `${count} ${what}`).join(', ')}`)
  say(`soak: ${megabytes(after.bytes - before.bytes)} heap and external, ${megabytes(after.rss - before.rss)} resident more than warm`)
  say(`soak: ${after.sockets} sockets, ${after.children} children`)
  for (const fault of books.faults) say(`FAULT ${fault}`)
  say(books.faultCount === 0 ? 'soak: the books balance' : `soak: ${books.faultCount} faults, --seed ${seed}`)
  return books.faultCount === 0 ? 0 : 1
}

process.exitCode = await soak()
