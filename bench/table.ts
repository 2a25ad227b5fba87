/** One figure: what was measured, what it is compared with in the same run, what it may be. */
export interface Figure {
  readonly what: string
  readonly measured: string
  readonly peer: string
  /** How far it is from its limit: 1 is at the limit, below is better. */
  readonly share: number
  readonly limit: string
}

/** Tests and machines that others work on too may take so many times a figure before it counts as broken. */
const patience = 5

export function print(figures: readonly Figure[]): number {
  const rows = figures.map((one) => [
    one.what,
    one.measured,
    one.peer,
    one.limit,
    one.share.toFixed(2),
    one.share <= 1 ? 'held' : one.share <= patience ? 'above' : 'BROKEN',
  ])
  const table = [
    ['what', 'measured', 'beside it, in the same run', 'at most', 'of the limit', ''],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
  for (const row of table) process.stdout.write(`| ${row.join(' | ')} |\n`)
  return figures.some((one) => one.share > patience) ? 1 : 0
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(1)} MB`
