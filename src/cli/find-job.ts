import type { Client } from '../client/index.ts'
import { type Job, ModelyardError } from '../contract/index.ts'
import { sourceText } from '../contract/written-source.ts'
import { shortIds } from './short-id.ts'

/** The job of an id, or of the beginning of one. Throws `job_not_found`, and names the candidates of a beginning of several. */
export async function findJob(client: Client, text: string, signal: AbortSignal): Promise<Job> {
  const jobs = await client.jobs.list({ signal })
  const meant = jobs.filter(({ id }) => text !== '' && id.startsWith(text))
  const job = meant.find(({ id }) => id === text) ?? (meant.length === 1 ? meant[0] : undefined)
  if (job) return job
  if (meant.length === 0) throw new ModelyardError('job_not_found', `There is no job whose id begins with ${JSON.stringify(text)}.`)
  const short = shortIds(meant)
  throw new ModelyardError('invalid_request', `Several jobs have an id that begins with ${JSON.stringify(text)}.`, {
    hint: 'Write more of it.',
    details: { candidates: meant.map(({ id, source }) => `${short(id)}  ${sourceText(source)}`) },
  })
}
