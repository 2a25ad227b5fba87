import type { Client } from '../client/index.ts'
import type { Job } from '../contract/index.ts'
import { sourceText } from '../contract/written-source.ts'
import type { CommandContext } from './command-spec.ts'
import { connect, type Need } from './connection.ts'
import { findJob } from './find-job.ts'
import { shortId } from './short-id.ts'
import { visible } from './visible.ts'

export interface JobChange {
  readonly need: Need
  readonly make: (jobs: Client['jobs'], id: string, signal: AbortSignal) => Promise<Job>
  /** What is said behind the state it has then. */
  readonly more?: string
}

/** The job that is named by its id or the beginning of it, changed. */
export async function changeJob(context: CommandContext, { need, make, more = '' }: JobChange): Promise<number> {
  const { io, words, signal } = context
  await using connection = await connect(context, need)
  const { jobs } = connection.client
  const { id } = await findJob(connection.client, words[0] ?? '', signal)
  const job = await make(jobs, id, signal)
  if (io.json) io.document(job)
  else io.out(`${shortId(id)} (${visible(sourceText(job.source))}) is ${job.state}${more}\n`)
  return 0
}
