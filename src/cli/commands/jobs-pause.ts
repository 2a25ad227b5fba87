import { changeJob } from '../change-job.ts'
import type { RunCommand } from '../command-spec.ts'

export const run: RunCommand = (context) => changeJob(context, { need: 'write', make: (jobs, id, signal) => jobs.pause(id, { signal }) })
