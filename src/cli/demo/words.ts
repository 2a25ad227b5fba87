/** What a switch of the demo came to, in words. */
import type { SwitchResult } from '../../client/index.ts'

export const saysItsName = ({ outcome, verification }: SwitchResult, name: string): boolean =>
  outcome === 'switched' && (verification?.text.includes(name) ?? false)

export function said({ outcome, verification, error, steps }: SwitchResult): string {
  if (!verification) return `${outcome}: ${error?.message ?? ''}`
  const total = steps.reduce((sum, one) => sum + one.ms, 0)
  return `it said "${verification.text}" (${Math.round(total)} ms in all)`
}
