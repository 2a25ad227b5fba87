/** What a check found, in the order in which it matters; and what mending did. Pure. */
import type { Finding } from '../../sdk.ts'

const levels = ['error', 'warning', 'info'] as const

export interface Findings {
  /** The worst first; within a level as the service said them. */
  readonly bad: readonly Finding[]
  readonly good: readonly Finding[]
}

export function sorted(findings: readonly Finding[]): Findings {
  return {
    bad: levels.flatMap((level) => findings.filter((one) => one.level === level)),
    good: findings.filter(({ level }) => level === 'ok'),
  }
}

export const bytesOf = (findings: readonly Finding[]): number => findings.reduce((sum, { bytes = 0 }) => sum + bytes, 0)

export interface Mended {
  readonly asked: number
  readonly fixed: number
  readonly freedBytes: number
}

/** What was asked for and is not found any more is mended. */
export function mended(asked: readonly Finding[], after: readonly Finding[]): Mended {
  const gone = asked.filter(({ id }) => !after.some((one) => one.id === id && one.fixable))
  return { asked: asked.length, fixed: gone.length, freedBytes: bytesOf(gone) }
}
