/** Numbers between two bounds, digit by digit. */

/** Every whole number that is written with so many digits is exact in every JSON reader. */
const most = 10 ** 15 - 1

export interface Bounds {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly above?: number | undefined
  readonly below?: number | undefined
}

export const isBounded = ({ min, max, above, below }: Bounds): boolean => [min, max, above, below].some((one) => one !== undefined)

/** Undefined when there is none. */
export function integersWithin(bounds: Bounds): string | undefined {
  const low = Math.max(-most, Math.ceil(bounds.min ?? -most), bounds.above === undefined ? -most : Math.floor(bounds.above) + 1)
  const high = Math.min(most, Math.floor(bounds.max ?? most), bounds.below === undefined ? most : Math.ceil(bounds.below) - 1)
  const parts = [
    ...(low < 0 && low <= high ? [`"-" (${digits(Math.max(1, -high), -low)})`] : []),
    ...(high >= 0 && low <= high ? [digits(Math.max(0, low), high)] : []),
  ]
  return parts.length === 0 ? undefined : parts.join(' | ')
}

/** Some numbers near a bound that is no whole number are left out; none that is written lies outside. Undefined when there is none. */
export function numbersWithin({ min, max, above, below }: Bounds): string | undefined {
  const low = lower(min, above)
  const high = lower(max === undefined ? undefined : -max, below === undefined ? undefined : -below)
  const positive = magnitudes(low, { at: -high.at, open: high.open })
  const negative = low.at < 0 ? magnitudes(high, { at: -low.at, open: low.open }) : []
  const parts = [...positive, ...negative.map((one) => `"-" (${one})`)]
  return parts.length === 0 ? undefined : parts.join(' | ')
}

interface Edge {
  readonly at: number
  readonly open: boolean
}

function lower(closed: number | undefined, open: number | undefined): Edge {
  const [a, b] = [closed ?? -Number.MAX_VALUE, open ?? -Number.MAX_VALUE]
  return b >= a && open !== undefined ? { at: b, open: true } : { at: a, open: false }
}

/** What is not negative between two edges. */
function magnitudes(low: Edge, high: Edge): string[] {
  const from: Edge = low.at < 0 ? { at: 0, open: false } : low
  if (high.at < from.at) return []
  const first = from.open ? Math.floor(from.at) + 1 : Math.ceil(from.at)
  const last = Math.min(most, high.open ? Math.ceil(high.at) - 1 : Math.floor(high.at))
  const lastWithFraction = Math.min(most, Math.floor(high.at) - 1)
  return [
    ...(from.at === 0 && from.open && high.at >= 1 ? ['"0." [0-9]{0,13} [1-9]'] : []),
    ...(first <= lastWithFraction ? [`(${digits(first, lastWithFraction)}) ("." [0-9]{1,15})?`] : []),
    ...(Math.max(first, lastWithFraction + 1) <= last ? [digits(Math.max(first, lastWithFraction + 1), last)] : []),
  ]
}

/** Whole numbers from 0 on. */
function digits(low: number, high: number): string {
  const [from, to] = [String(low), String(high)]
  if (from.length === to.length) return sameLength(from, to)
  const parts = [sameLength(from, '9'.repeat(from.length))]
  const between = to.length - from.length - 1
  if (between > 0) parts.push(`[1-9] [0-9]{${from.length},${to.length - 2}}`)
  parts.push(sameLength(`1${'0'.repeat(to.length - 1)}`, to))
  return parts.join(' | ')
}

function sameLength(from: string, to: string): string {
  const [a = '', b = ''] = [from[0], to[0]]
  const [restFrom, restTo] = [from.slice(1), to.slice(1)]
  if (restFrom === '') return one(a, b)
  if (/^0*$/.test(restFrom) && /^9*$/.test(restTo)) return `${one(a, b)} [0-9]{${restFrom.length}}`
  if (a === b) return `${one(a, a)} (${sameLength(restFrom, restTo)})`
  const [next, before] = [Number(a) + 1, Number(b) - 1]
  return [
    `${one(a, a)} (${sameLength(restFrom, '9'.repeat(restFrom.length))})`,
    ...(next <= before ? [`${one(String(next), String(before))} [0-9]{${restFrom.length}}`] : []),
    `${one(b, b)} (${sameLength('0'.repeat(restTo.length), restTo)})`,
  ].join(' | ')
}

const one = (from: string, to: string): string => (from === to ? `"${from}"` : `[${from}-${to}]`)
