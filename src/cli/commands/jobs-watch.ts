import type { Client } from '../../client/index.ts'
import { jobHasEnded } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { findJob } from '../find-job.ts'
import { watchJobs } from '../follow-job.ts'

/** One job, or all that have not ended. A service does the work, so it is started when none runs. */
export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  await using connection = await connect(context, 'serve')
  const { client } = connection
  const ids = words[0] === undefined ? await underWay(client, signal) : [(await findJob(client, words[0], signal)).id]
  if (ids.length === 0) io.note('Nothing is under way.')
  const jobs = ids.map((id) => client.jobs.handle(id))
  return await watchJobs(context, connection, jobs)
}

async function underWay(client: Client, signal: AbortSignal): Promise<string[]> {
  const jobs = await client.jobs.list({ signal })
  return jobs.filter((job) => !jobHasEnded(job)).map(({ id }) => id)
}
