import type { SwitchResult, Verification } from '../contract/index.ts'
import { formatMs } from './format.ts'
import type { Io } from './io.ts'
import { candidatesOf } from './show-error.ts'
import { visible } from './visible.ts'

/** How a switch ended: on success what serves and the text it answered; else what serves, what failed, what to do. */
export function showSwitchEnd(io: Io, result: SwitchResult): void {
  if (result.outcome === 'switched' || result.outcome === 'already_active') showSuccess(io, result)
  else showFailure(io, result)
  for (const warning of result.warnings) io.err(`${io.errColor.yellow('warning:')} ${visible(warning)}\n`)
}

function showSuccess(io: Io, { slot, ref, to, outcome, verification }: SwitchResult): void {
  const name = io.color.green(visible(ref ?? to ?? ''))
  const already = outcome === 'already_active' ? ' already' : ''
  io.out(`${slot} serves ${name}${already}${verification && !already ? proofText(verification) : ''}\n`)
}

const proofText = ({ ms, text, reasoning }: Verification): string =>
  ` · verified in ${formatMs(ms)}: "${visible(text.trim())}"${reasoning ? ' (still thinking)' : ''}`

/** Three things in this order: what serves now, what failed and why in the engine's words, what to do. */
function showFailure(io: Io, result: SwitchResult): void {
  const { bold, red } = io.errColor
  io.err(`${bold(servesNow(result))}\n`)
  io.err(`${red(whatFailed(result))}\n`)
  for (const candidate of result.error ? candidatesOf(result.error) : []) io.err(`  ${visible(candidate)}\n`)
  if (result.error && result.outcome !== 'cancelled') io.err(`→ ${visible(result.error.hint)}\n`)
}

function servesNow({ slot, ref, outcome, from }: SwitchResult): string {
  if (outcome === 'degraded') return `${slot} has no model that answers.`
  if (ref === undefined) return `${slot} serves no model${outcome === 'rolled_back' ? ', as before' : ''}.`
  const stays = outcome === 'rolled_back' && ref === from
  return `${slot} serves ${visible(ref)}${stays ? ', which answers again' : ''}.`
}

const verbs = {
  rolled_back: 'failed',
  degraded: 'failed',
  rejected: 'was refused',
  superseded: 'was superseded',
  cancelled: 'was cancelled',
} as const

function whatFailed({ to, outcome, error }: SwitchResult): string {
  const verb = verbs[outcome as keyof typeof verbs]
  const why = error && outcome !== 'cancelled' ? `: ${error.message}` : '.'
  return `The switch${to ? ` to ${visible(to)}` : ''} ${verb}${visible(why)}`
}
