/** What each gateway adds to a JSON answer, asked for one at a time. */
import { type Figure, ms } from '../table.ts'
import { type RawClient, rawClient, requestTo, type Target } from './raw-client.ts'

const rounds = 40
const perRound = 100

export interface Runners {
  readonly bare: Target
  readonly relay: Target
  readonly ours: Target
  readonly peers: readonly Target[]
}

export const allOf = ({ bare, relay, ours, peers }: Runners): readonly Target[] => [bare, relay, ours, ...peers]

const share = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN
export const p50 = (values: readonly number[]): number => share(values, 0.5)
export const p99 = (values: readonly number[]): number => share(values, 0.99)

export const wholeChat = ({ model }: Target): unknown => ({ model, messages: [{ role: 'user', content: 'Say hello.' }] })

export async function oneAtATime(runners: Runners): Promise<Figure[]> {
  const times = new Map<Target, number[]>()
  for (const target of allOf(runners)) times.set(target, [])
  const clients = new Map<Target, RawClient>()
  for (const target of allOf(runners)) clients.set(target, await rawClient(target))
  // In turn, so that whatever else the machine does falls on all; the first rounds compile.
  for (let round = -10; round < rounds; round += 1)
    for (const [target, client] of clients) {
      const taken = await oneRound(client, requestTo(target, wholeChat(target)))
      if (round >= 0) times.get(target)?.push(...taken)
    }
  for (const client of clients.values()) client.close()
  return figures(runners, (target) => times.get(target) ?? [])
}

async function oneRound(client: RawClient, request: Buffer): Promise<number[]> {
  const taken: number[] = []
  for (let index = 0; index < perRound; index += 1) {
    const began = performance.now()
    const { status } = await client.ask(request)
    taken.push(performance.now() - began)
    if (status !== 200) throw new Error(`answered with ${status}`)
  }
  return taken
}

function figures({ bare, relay, ours, peers }: Runners, of: (target: Target) => readonly number[]): Figure[] {
  const added50 = (target: Target): number => p50(of(target)) - p50(of(bare))
  const added99 = (target: Target): number => p99(of(target)) - p99(of(bare))
  const mine = added50(ours)
  return [
    {
      what: 'added to a JSON answer, one at a time, p50',
      measured: ms(mine),
      peer: `bare ${ms(p50(of(bare)))}, the relay adds ${ms(added50(relay))}`,
      limit: '0.35 ms (aim)',
      share: mine / 0.35,
    },
    ...peers.map((peer) => ({
      what: `the same beside ${peer.name}`,
      measured: ms(mine),
      peer: `${peer.name} adds ${ms(added50(peer))}`,
      limit: "the peer's",
      share: mine / added50(peer),
    })),
    {
      what: 'the same, p99',
      measured: ms(added99(ours)),
      peer: [
        'bare',
        ms(p99(of(bare))),
        '; added: the relay',
        ms(added99(relay)),
        ...peers.flatMap((peer) => [`, ${peer.name}`, ms(added99(peer))]),
      ].join(' '),
      limit: "1.5 × the relay's",
      share: added99(ours) / (1.5 * added99(relay)),
    },
  ]
}
