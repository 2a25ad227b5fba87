import type { Io } from './io.ts'
import { visible } from './visible.ts'

/** Names and values, one pair on a line; what is not known is left out. */
export function showPairs(io: Io, pairs: readonly (readonly [string, string | undefined])[]): void {
  const known = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(...known.map(([name]) => name.length))
  for (const [name, value] of known) io.out(`${io.color.dim(name.padEnd(width))}  ${visible(value ?? '')}\n`)
}
