/** What happens to the service meanwhile: slots move, engines die and come back, answers go wrong, tokens come and go. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../../src/client/index.ts'
import type { SwitchResult } from '../../src/contract/index.ts'
import type { Fault } from '../../src/testing/index.ts'
import type { Books } from './books.ts'
import type { Chance } from './chance.ts'
import type { SoakEngine } from './engine.ts'
import type { TokenPool } from './token-pool.ts'

export interface HandWorld {
  readonly client: Client
  readonly books: Books
  readonly engines: readonly SoakEngine[]
  readonly slots: readonly string[]
  readonly refs: readonly string[]
  readonly tokens: TokenPool
  /** Kills what runs of the embedded engine. */
  readonly killEmbedded: () => Promise<void>
  /** How often what happened. */
  readonly happened: Map<string, number>
}

/** Each deed goes on beside the others until it is told to stop, and ends what it has begun. */
export const deeds: readonly ((world: HandWorld, chance: Chance, stop: AbortSignal) => Promise<void>)[] = [
  switches,
  switches,
  kills,
  faults,
  tokens,
]

const count = ({ happened }: HandWorld, what: string): void => void happened.set(what, (happened.get(what) ?? 0) + 1)
const idle = (ms: number, signal: AbortSignal): Promise<unknown> => pause(ms, undefined, { signal }).catch(() => undefined)

/** However it ends: it is told, and a slot that was left with nothing says why. */
const ends: readonly SwitchResult['outcome'][] = ['switched', 'already_active', 'rolled_back', 'rejected', 'superseded', 'degraded']

async function switches(world: HandWorld, chance: Chance, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await idle(chance.between(50, 1200), stop)
    const [slot, ref] = [chance.pick(world.slots), chance.pick(world.refs)]
    const policy = chance.pick(['replace', 'overlap', 'auto'] as const)
    try {
      const { outcome, error } = await world.client.slot(slot).switch(ref, { policy })
      count(world, `switch ${outcome}`)
      if (!ends.includes(outcome)) world.books.fault(`switch of ${slot} to ${ref}, ${policy}: ${outcome} ${error?.message}`)
    } catch (error) {
      world.books.fault(`switch of ${slot} to ${ref}, ${policy}: ${String(error)}`)
    }
  }
}

async function kills(world: HandWorld, chance: Chance, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await idle(chance.between(1500, 5000), stop)
    const at = chance.between(0, world.engines.length)
    const back = chance.between(0, 1500)
    count(world, 'kill')
    const engine = world.engines[at]
    if (!engine) await world.killEmbedded()
    else {
      await engine.kill()
      await pause(back)
      await engine.start()
    }
  }
}

const wrongAnswers: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'never' },
  { kind: 'html' },
  { kind: 'truncated-json' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'redirect', to: 'http://127.0.0.1:1/' },
  { kind: 'cut', after: 2 },
  { kind: 'reset-after', after: 2 },
  { kind: 'wrong-model', model: 'somebody-else' },
  { kind: 'error-inside', message: 'out of luck', after: 1 },
]
const chatPaths = ['/api/chat', '/api/generate', '/v1/chat/completions', '/v1/messages']

async function faults(world: HandWorld, chance: Chance, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await idle(chance.between(200, 1500), stop)
    const [engine, path, fault] = [chance.pick(world.engines), chance.pick(chatPaths), chance.pick(wrongAnswers)]
    count(world, 'fault')
    engine.fault({ path, fault, times: chance.between(1, 3) })
  }
}

async function tokens(world: HandWorld, chance: Chance, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await idle(chance.between(300, 2000), stop)
    count(world, 'token')
    await world.tokens.turn(chance.is(0.6)).catch((error) => world.books.fault(`tokens: ${String(error)}`))
  }
}
