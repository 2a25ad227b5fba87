import type { Colors, Io } from './io.ts'
import { visible } from './visible.ts'

type Pairs = readonly (readonly [string, string | undefined])[]

/** Names and values, one pair on a line; what is not known is left out. */
export function showPairs(io: Io, pairs: Pairs): void {
  for (const line of pairLines(pairs, io.color)) io.out(`${line}\n`)
}

export function pairLines(pairs: Pairs, { dim }: Pick<Colors, 'dim'>): string[] {
  const known = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(...known.map(([name]) => name.length))
  return known.map(([name, value]) => `${dim(name.padEnd(width))}  ${visible(value ?? '')}`)
}
