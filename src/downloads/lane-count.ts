/** How many connections: more only as long as more bring more. Pure. */
export interface LaneCount {
  readonly wanted: number
  /** What came since the last one. */
  sample(bytes: number): void
  /** It has too much to do. */
  trouble(): void
}

const first = 2
/** Another number is kept only if it brings so much. */
const worthIt = 1.05
/** Samples without a trial after one that brought nothing. */
const rest = 30
/** In a second: above it this machine is what is slow, and more connections cost it more. */
const enough = 400e6

export function createLaneCount(most: number, sampleMs: number): LaneCount {
  let wanted = Math.min(first, most)
  let before = 0
  let resting = 0
  let doubling = true
  /** The number before the trial, and what it brought. */
  let trial: { readonly lanes: number; readonly bytes: number } | undefined

  const judge = (bytes: number, { lanes, bytes: without }: NonNullable<typeof trial>): void => {
    trial = undefined
    if (bytes >= without * worthIt) return
    wanted = lanes
    if (doubling) doubling = false
    else resting = rest
  }
  return {
    get wanted() {
      return wanted
    },
    sample(bytes) {
      const rising = bytes > before * worthIt
      before = bytes
      if (trial) return judge(bytes, trial)
      if (resting > 0) {
        resting -= 1
        return
      }
      if (bytes === 0 || rising || wanted >= most || (bytes / sampleMs) * 1000 > enough) return
      trial = { lanes: wanted, bytes }
      wanted = Math.min(most, doubling ? wanted * 2 : wanted + 1)
    },
    trouble() {
      wanted = Math.max(1, wanted >> 1)
      trial = undefined
      resting = rest
    },
  }
}
