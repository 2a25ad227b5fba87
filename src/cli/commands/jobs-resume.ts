import { changeJob } from '../change-job.ts'
import type { RunCommand } from '../command-spec.ts'

/** A service does the work, so it is started when none runs. */
export const run: RunCommand = (context) => changeJob(context, { need: 'serve', make: (jobs, id, signal) => jobs.resume(id, { signal }) })
