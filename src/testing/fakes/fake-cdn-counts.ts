/** What was served, and how much of it more than once. */
export interface CdnCounts {
  bytesServed: number
  /** Bytes of a file that had been served before. */
  duplicateBytes: number
  requests: number
  /** Signed addresses given out. */
  links: number
  /** Requests that carried a credential which is none of ours to see. */
  leaks: number
  /** Connections open at once, at most. */
  maxSockets: number
  /** Connections in all. */
  connections: number
  /** Answers once so many bytes were served in all. */
  untilServed(bytes: number): Promise<void>
}

export function newCounts(): CdnCounts {
  const waiting: { readonly bytes: number; readonly pass: () => void }[] = []
  let served = 0
  return {
    get bytesServed() {
      return served
    },
    set bytesServed(bytes) {
      served = bytes
      for (const one of waiting) if (served >= one.bytes) one.pass()
    },
    duplicateBytes: 0,
    requests: 0,
    links: 0,
    leaks: 0,
    maxSockets: 0,
    connections: 0,
    untilServed: (bytes) => new Promise((pass) => (served >= bytes ? pass() : void waiting.push({ bytes, pass }))),
  }
}

export interface ServedRanges {
  /** How many bytes of this range had been served before. */
  add(start: number, end: number): number
}

/** Ranges in order, apart from one another. */
export function createServedRanges(): ServedRanges {
  let ranges: (readonly [number, number])[] = []
  return {
    add(start, end) {
      const touching = ranges.filter(([from, to]) => from <= end && to >= start)
      const again = touching.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0)
      const joined = [Math.min(start, ...touching.map(([from]) => from)), Math.max(end, ...touching.map(([, to]) => to))] as const
      ranges = [...ranges.filter((one) => !touching.includes(one)), joined].sort(([a], [b]) => a - b)
      return again
    },
  }
}
