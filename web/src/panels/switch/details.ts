/** All that is known of a switch as lines to paste into a report, without anything that has the shape of a secret. Pure. */
import type { SwitchRecord } from '../../sdk.ts'
import { scrub, scrubbed } from '../../ui/scrub.ts'

export function detailsOf({
  id,
  slot,
  outcome,
  from,
  to,
  ref,
  error,
  warnings,
  verification,
  steps,
  startedAt,
  endedAt,
}: SwitchRecord): string {
  const lines: readonly (readonly [string, unknown])[] = [
    ['switch', id],
    ['slot', slot],
    ['outcome', outcome],
    ['from', from],
    ['to', to],
    ['serves now', ref],
    ['error', error && `${error.code}: ${error.message}`],
    ['hint', error?.hint],
    ['details', error?.details && JSON.stringify(scrubbed(error.details))],
    ['answer', verification?.text],
    ['warnings', warnings.length > 0 ? warnings.join('\n  ') : undefined],
    ['steps', steps.map(({ step, ms }) => `${step} ${Math.round(ms)} ms`).join(', ') || undefined],
    ['started', startedAt],
    ['ended', endedAt],
  ]
  return scrub(
    lines
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  )
}
