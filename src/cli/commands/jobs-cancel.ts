import { changeJob } from '../change-job.ts'
import type { RunCommand } from '../command-spec.ts'

/** Answers when it has ended. What was fetched stays for the next time unless told otherwise. */
export const run: RunCommand = (context) => {
  const partial = context.options.removePartial === true ? 'remove' : 'keep'
  return changeJob(context, {
    need: 'write',
    make: (jobs, id, signal) => jobs.cancel(id, { partial, signal }),
    more: partial === 'remove' ? '; what was fetched is removed' : '; what was fetched is kept',
  })
}
