/** What goes wrong on the way of bytes. Each is played on the requests for which `times` is left; default: all. */
export interface CdnFault {
  readonly kind: CdnFaultKind
  /** Requests of the file that pass before it. */
  readonly skip?: number
  readonly times?: number
  /** Bytes of a body before it happens; for `range-ignored` bytes of a range above which it is; for `replaced` of the file served. */
  readonly after?: number
  /** Of `busy`: 503, or another one. */
  readonly status?: number
  readonly retryAfter?: string
  /** Of `busy`, besides. */
  readonly headers?: Readonly<Record<string, string>>
  /** Of `flip`: where in the file one bit is another. */
  readonly at?: number
  /** Of `replaced`: under the same ETag. */
  readonly sameEtag?: boolean
  /** Of `trickle`. */
  readonly bytesPerSecond?: number
  /** Of `latency`. */
  readonly ms?: number
}

export type CdnFaultKind =
  // the connection
  | 'reset'
  | 'early-end'
  | 'chunked-cut'
  | 'stall'
  | 'trickle'
  | 'latency'
  | 'slow-headers'
  | 'endless-1xx'
  | 'close-after'
  | 'never'
  // ranges
  | 'range-ignored'
  | 'wrong-range'
  | 'wrong-total'
  | 'no-range'
  | 'empty'
  | 'extra'
  | 'unsatisfiable'
  | 'range-pinned'
  // the answer
  | 'busy'
  | 'html'
  | 'gzip'
  | 'long-header'
  // the bytes
  | 'changed'
  | 'replaced'
  | 'corrupt'
  | 'flip'

/** They end in the middle of a body, after `after` bytes. */
export const cutting: readonly CdnFaultKind[] = ['reset', 'early-end', 'chunked-cut', 'stall']

export interface FaultList {
  add(fault: CdnFault): void
  clear(): void
  /** Of the first that has times left; counts one. */
  take(): CdnFault | undefined
}

export function createFaultList(faults: readonly CdnFault[] = []): FaultList {
  const fresh = (fault: CdnFault) => ({ fault, skip: fault.skip ?? 0, times: fault.times ?? Number.POSITIVE_INFINITY })
  const left = faults.map(fresh)
  return {
    add: (fault) => void left.push(fresh(fault)),
    clear: () => void left.splice(0),
    take() {
      const found = left.find(({ times }) => times > 0)
      if (!found) return undefined
      if (found.skip > 0) {
        found.skip -= 1
        return undefined
      }
      found.times -= 1
      return found.fault
    },
  }
}
