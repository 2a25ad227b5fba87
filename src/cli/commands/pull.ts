import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { runJob, showWarnings } from '../follow-job.ts'
import { pullRequest } from '../job-request.ts'
import { showPairs } from '../pairs.ts'
import { planPairs } from '../plan-pairs.ts'

/** Shows the plan, then gets the model. With --dry-run only the plan, which is the data then. */
export const run: RunCommand = async (context) => {
  const { io, options, signal } = context
  const request = pullRequest(context)
  if (options.dryRun !== true) {
    await using connection = await connect(context, 'serve')
    return await runJob(context, connection, request)
  }
  await using connection = await connect(context, 'read')
  const plan = await connection.client.jobs.preflight(request, { signal })
  if (io.json) io.document(plan)
  else showPairs(io, planPairs(plan))
  if (!io.json) showWarnings(io, plan.warnings)
  return 0
}
