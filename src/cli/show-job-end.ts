import { type Job, ModelyardError } from '../contract/index.ts'
import { sourceText } from '../contract/written-source.ts'
import type { Io } from './io.ts'
import { showError } from './show-error.ts'
import { showSwitchEnd } from './show-switch-end.ts'
import { visible } from './visible.ts'

/** How a job ended: the models that are there now, each verified or why not, the switch; then what failed. */
export function showJobEnd(io: Io, job: Job): void {
  const { state, source, result, error } = job
  for (const { ref, verified, reason } of result?.refs ?? []) {
    const proof = verified ? 'verified: it answered' : `not verified${reason === undefined ? '' : `: ${visible(reason)}`}`
    io.out(`${io.color.green(visible(ref))} · ${proof}\n`)
  }
  if (result?.switch) showSwitchEnd(io, result.switch)
  if (state === 'cancelled') io.note(`${sourceText(source)} was cancelled.`)
  if (state === 'failed') showError(io, error ? ModelyardError.fromBody(error) : new ModelyardError('internal', 'The job failed.'))
}
