import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { runJob } from '../follow-job.ts'
import { shareRequest } from '../job-request.ts'

/** Gives another engine the bytes that one holds. */
export const run: RunCommand = async (context) => {
  const request = shareRequest(context)
  await using connection = await connect(context, 'serve')
  return await runJob(context, connection, request)
}
