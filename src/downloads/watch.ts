/** Which connections have been silent for too long, and whether the machine slept. Pure but for its clock. */
import type { DownloadLimits } from './downloads.ts'
import { Silent, Woken } from './failures.ts'

export interface Watched {
  /** What is waited for; `held`: we do not read. */
  readonly phase: 'connect' | 'head' | 'body' | 'held' | 'idle'
  /** The last byte or change of phase, on the monotonic clock. */
  readonly since: number
  end(why: Error): void
}

export interface Clock {
  /** Never goes back; on Linux it stands while the machine sleeps. */
  monotonic(): number
  /** Goes on while the machine sleeps, and jumps when somebody sets it. */
  wall(): number
}

export const systemClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() }

/** Every `everyMs` to be asked. A clock that was set ahead looks like sleep: that costs new connections, never a byte. */
export function createWatch(limits: DownloadLimits, everyMs: number, clock: Clock): (all: Iterable<Watched>) => void {
  let [monotonic, wall] = [clock.monotonic(), clock.wall()]
  return (all) => {
    const passed = Math.max(clock.monotonic() - monotonic, clock.wall() - wall)
    monotonic = clock.monotonic()
    wall = clock.wall()
    const slept = passed > everyMs + limits.suspendMs
    for (const one of all) {
      if (slept) one.end(new Woken())
      else if (monotonic - one.since > allowed(one.phase, limits)) one.end(new Silent(one.phase))
    }
  }
}

function allowed(phase: Watched['phase'], { connectMs, headersMs, stallMs }: DownloadLimits): number {
  if (phase === 'connect') return connectMs
  if (phase === 'head') return headersMs
  return phase === 'body' ? stallMs : Number.POSITIVE_INFINITY
}

export interface Paced {
  readonly received: number
}

/** Lanes that bring less than a tenth of the middle one for so many samples; only where there are three or more. */
export function createSlowLanes<Lane extends Paced>(samples: number): (lanes: Iterable<Lane>) => Lane[] {
  const known = new Map<Lane, { received: number; strikes: number }>()
  return (lanes) => {
    const paces = [...lanes].map((lane) => ({ lane, pace: lane.received - (known.get(lane)?.received ?? 0) }))
    const middle = paces.map(({ pace }) => pace).sort((a, b) => a - b)[paces.length >> 1] ?? 0
    const strikes = new Map(paces.map(({ lane, pace }) => [lane, pace < middle / 10 ? (known.get(lane)?.strikes ?? 0) + 1 : 0]))
    known.clear()
    for (const [lane, count] of strikes) known.set(lane, { received: lane.received, strikes: count >= samples ? 0 : count })
    return paces.length < 3 ? [] : paces.map(({ lane }) => lane).filter((lane) => (strikes.get(lane) ?? 0) >= samples)
  }
}
