/** One client: asks, reads or leaves, and enters what came of it; again and again, until it is told to stop. */
import type { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Books } from './books.ts'
import type { Chance } from './chance.ts'
import { dialects, type SoakDialect } from './dialects.ts'
import { judge } from './judge.ts'
import { type Manners, type Reply, send } from './send.ts'
import type { TokenPool } from './token-pool.ts'
import { type Wrong, wrongs } from './wrong.ts'

export interface ClientWorld {
  readonly url: string
  readonly agent: Agent
  readonly books: Books
  readonly tokens: TokenPool
  readonly slots: readonly string[]
  readonly refs: readonly string[]
  /** Somebody answered through a slot. */
  readonly onServed: (slot: string, epoch: string, ref: string, what: string) => void
  readonly onTokens: (ref: string, tokens: number) => void
}

const lengths = [1, 2, 3, 5, 8, 13, 30, 60]
const shares = { wrong: 0.1, list: 0.05, direct: 0.25, leaves: 0.15, slow: 0.1, stream: 0.7, long: 0.02 }

/** A client asks at least once. */
export async function runClient(world: ClientWorld, chance: Chance, name: string, stop: AbortSignal): Promise<void> {
  for (let turn = 0; turn === 0 || !stop.aborted; turn += 1) {
    await once(world, chance, `${name}.${turn}`)
    await pause(chance.between(0, 30))
  }
}

function once(world: ClientWorld, chance: Chance, name: string): Promise<void> {
  const dialect = chance.pick(dialects)
  const ref = chance.pick(world.refs)
  const slot = chance.pick(world.slots)
  const model = chance.is(shares.direct) ? ref : slot
  if (chance.is(shares.wrong)) return askWrongly(world, chance, { dialect, model, name })
  if (chance.is(shares.list)) return askForLists(world, chance, name)
  return askProperly(world, chance, { dialect, model, name, slot: model === slot ? slot : undefined })
}

interface Asking {
  readonly dialect: SoakDialect
  readonly model: string
  readonly name: string
  readonly slot?: string | undefined
}

async function askProperly(world: ClientWorld, chance: Chance, { dialect, model, name, slot }: Asking): Promise<void> {
  const { books, tokens: pool } = world
  const stream = chance.is(shares.stream)
  const tokens = chance.is(shares.long) ? 2000 : chance.pick(lengths)
  const manners = mannersOf(chance)
  const credential = pool.pick(chance)
  const path = dialect.path
  const body = JSON.stringify(dialect.body(model, tokens, stream, 'Hello'))
  const reply = await send({ ...world, method: 'POST', path, headers: headersOf(credential), body, manners })
  const what = `${name} ${path} ${model} ${stream ? 'stream' : 'whole'} of ${tokens} ${JSON.stringify(manners)}`
  try {
    const revoked = pool.isRevoked(credential)
    const onServed = slot === undefined ? undefined : (epoch: string, ref: string) => world.onServed(slot, epoch, ref, what)
    const end = judge({ dialect, reply, stream, tokens, revoked, onServed })
    books.enter(path, end)
    if (end.kind === 'answer') world.onTokens(end.model, end.tokens)
  } catch (error) {
    books.fault(`${what}: ${told(error)}; ${shown(reply)}`)
  }
}

function mannersOf(chance: Chance): Manners {
  const leaves = chance.is(shares.leaves)
  const [early, afterMs, afterPieces, slow, pauseMs] = [
    chance.is(0.3),
    chance.between(0, 40),
    chance.between(0, 10),
    chance.is(shares.slow),
    chance.between(1, 25),
  ]
  return { ...(slow && { pauseMs }), ...(leaves && { leaves: early ? { afterMs } : { afterPieces } }) }
}

async function askWrongly(world: ClientWorld, chance: Chance, { dialect, model, name }: Asking): Promise<void> {
  const { books } = world
  const wrong: Wrong = chance.pick(wrongs)
  const credential = wrong.token ?? world.tokens.home
  const path = wrong.path ?? dialect.path
  const body = wrong.body(dialect, model)
  const method = wrong.method ?? 'POST'
  const reply = await send({ ...world, method, path, headers: headersOf(credential), body, manners: {} })
  try {
    const end = judge({ dialect: wrong.path ? (dialects[0] as SoakDialect) : dialect, reply, stream: false, tokens: 0, revoked: false })
    // An engine that never answers is left.
    if (end.kind === 'left') return books.enter(path, end)
    const elsewhere = reply.status >= 500 && wrong.counted
    if (end.kind !== 'error' || (reply.status !== wrong.status && !elsewhere)) throw new Error(`it came to ${end.kind} ${reply.status}`)
    books.enter(wrong.path ?? path, { ...end, counted: wrong.counted })
  } catch (error) {
    books.fault(`${name} ${path}, ${wrong.name}: ${told(error)}; ${shown(reply)}`)
  }
}

async function askForLists(world: ClientWorld, chance: Chance, name: string): Promise<void> {
  const path = chance.pick(['/v1/models', '/api/tags', '/api/ps', '/api/version'])
  const reply = await send({ ...world, method: 'GET', path, headers: headersOf(world.tokens.home), manners: {} })
  if (reply.status !== 200 || reply.end !== 'whole') world.books.fault(`${name} ${path}: ${shown(reply)}`)
}

const headersOf = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })
const told = (error: unknown): string => (error as Error).message
const shown = ({ status, end, text }: Reply): string =>
  `${status} ${end} ${JSON.stringify(text.length > 400 ? `${text.slice(0, 150)} … ${text.slice(-250)}` : text)}`
