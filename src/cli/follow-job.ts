import type { JobClient } from '../client/index.ts'
import { type Job, type JobRequest, ModelyardError } from '../contract/index.ts'
import type { CommandContext } from './command-spec.ts'
import type { Connected } from './connected.ts'
import { exitOfJob } from './exit-codes.ts'
import type { Io } from './io.ts'
import { type JobView, jobView } from './job-view.ts'
import { pairLines } from './pairs.ts'
import { planPairs } from './plan-pairs.ts'
import { shortId } from './short-id.ts'
import { showJobEnd } from './show-job-end.ts'
import { visible } from './visible.ts'

/** Shows what will be done, begins it, and follows it to its end. What the preflight finds is thrown before anything begins. */
export async function runJob(context: CommandContext, connection: Connected, request: JobRequest): Promise<number> {
  const { io, signal } = context
  const { jobs } = connection.client
  const plan = await jobs.preflight(request, { signal })
  if (!io.json) {
    for (const line of pairLines(planPairs(plan), io.errColor)) io.err(`${line}\n`)
    showWarnings(io, plan.warnings)
  }
  const job = await jobs.start(request, { signal })
  if (!job.fresh) io.note(`This is under way already, as job ${shortId(job.id)}.`)
  return await watchJobs(context, connection, [job])
}

export function showWarnings(io: Io, warnings: readonly string[]): void {
  for (const warning of warnings) io.err(`${io.errColor.yellow('warning:')} ${visible(warning)}\n`)
}

/**
 * Shows these jobs until each has ended; the exit code is that of the first that did not end well. Ctrl-C leaves them
 * alone and says how to go on.
 */
export async function watchJobs(context: CommandContext, { service }: Connected, jobs: readonly JobClient[]): Promise<number> {
  const { io, signal } = context
  const view = jobView(io, { several: jobs.length > 1 })
  try {
    const ended = await Promise.all(jobs.map((job) => followToEnd(job, view, signal)))
    return ended.map(exitOfJob).find((code) => code !== 0) ?? 0
  } catch (error) {
    view.end()
    if (signal.aborted) return detached(io, jobs, service !== undefined)
    throw keptAllTheSame(error, jobs)
  }

  async function followToEnd(job: JobClient, shown: JobView, until: AbortSignal): Promise<Job> {
    shown.begin(await job.get({ signal: until }))
    for await (const event of job.events({ signal: until })) {
      shown.show(event)
      if (event.type !== 'job.finished') continue
      if (!io.json) showJobEnd(io, event.job)
      return event.job
    }
    throw new ModelyardError('interrupted')
  }
}

/** Without a service the work was done in this process, which ends now. */
function detached(io: Io, jobs: readonly JobClient[], goesOn: boolean): number {
  const names = jobs.map(({ id }) => shortId(id))
  const watch = `\`modelyard jobs watch${names.length === 1 ? ` ${names[0]}` : ''}\``
  const [it, goes] = names.length === 1 ? ['It', 'goes'] : ['They', 'go']
  io.note(goesOn ? `Left alone. ${it} ${goes} on: ${watch} shows it.` : `Stopped, and kept. ${watch} goes on.`)
  if (goesOn) for (const name of names) io.note(`\`modelyard jobs cancel ${name}\` ends it.`)
  return 130
}

function keptAllTheSame(error: unknown, jobs: readonly JobClient[]): unknown {
  if (!ModelyardError.is(error) || error.code !== 'service_unreachable') return error
  const hint = `It is kept: \`modelyard jobs watch ${jobs.map(({ id }) => shortId(id)).join(' ')}\` goes on.`
  return new ModelyardError(error.code, error.message, { hint, cause: error })
}
