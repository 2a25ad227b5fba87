/** How fast it may go: one limit for all downloads, in turns, so that many connections get no more than few; one for each. */
export interface Bandwidth {
  /** Of all together; null: none. */
  set(bytesPerSecond: number | null): void
  join(bytesPerSecond: number | null): Share
}

export interface Share {
  /** Undefined: these bytes may pass at once. */
  take(bytes: number): Promise<void> | undefined
  /** Read at most so much at once, or a limit comes in lumps. */
  readonly lump: number
  set(bytesPerSecond: number | null): void
  leave(): void
}

interface Turns {
  readonly rate: number | null
  set(bytesPerSecond: number | null): void
  take(who: object, bytes: number): Promise<void>
  leave(who: object): void
}

const quantumSeconds = 0.1
const [leastLump, mostLump] = [1024, 65_536]

export function createBandwidth(): Bandwidth {
  const all = createTurns(null)
  return {
    set: all.set,
    join(bytesPerSecond) {
      const own = createTurns(bytesPerSecond)
      const who = {}
      let left = false
      return {
        take(bytes) {
          if (left || (own.rate === null && all.rate === null)) return undefined
          return own.take(who, bytes).then(() => (left ? undefined : all.take(who, bytes)))
        },
        get lump() {
          const rate = Math.min(own.rate ?? Number.POSITIVE_INFINITY, all.rate ?? Number.POSITIVE_INFINITY)
          if (rate === Number.POSITIVE_INFINITY) return rate
          return Math.max(leastLump, Math.min(mostLump, Math.floor(rate * quantumSeconds)))
        },
        set: own.set,
        leave() {
          left = true
          own.leave(who)
          all.leave(who)
        },
      }
    },
  }
}

/** Whoever has waited longest for a turn has the next one. */
function createTurns(first: number | null): Turns {
  let rate = first
  let timer: NodeJS.Timeout | undefined
  /** On the monotonic clock: when what was let through will have been paid for. */
  let paidAt = 0
  const queues = new Map<object, { bytes: number; pass: () => void }[]>()

  const pump = (): void => {
    timer = undefined
    for (let [next] = queues; next; [next] = queues) {
      const now = performance.now()
      if (rate !== null && paidAt > now) {
        timer = setTimeout(pump, paidAt - now)
        return
      }
      const [who, queue] = next
      const turn = queue.shift()
      queues.delete(who)
      if (queue.length > 0) queues.set(who, queue)
      if (rate !== null) paidAt = Math.max(paidAt, now) + ((turn?.bytes ?? 0) / rate) * 1000
      turn?.pass()
    }
  }
  return {
    get rate() {
      return rate
    },
    set(next) {
      rate = next
      paidAt = 0
      clearTimeout(timer)
      pump()
    },
    take(who, bytes) {
      if (rate === null) return Promise.resolve()
      return new Promise((pass) => {
        const queue = queues.get(who) ?? []
        queue.push({ bytes, pass })
        queues.set(who, queue)
        if (!timer) pump()
      })
    },
    leave(who) {
      for (const { pass } of queues.get(who) ?? []) pass()
      queues.delete(who)
    },
  }
}
