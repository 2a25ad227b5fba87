import type { Job } from '../../contract/index.ts'
import { sourceText } from '../../contract/written-source.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatSize, formatSpan, formatWhen } from '../format.ts'
import type { Colors, Io } from '../io.ts'
import { shortIds } from '../short-id.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const jobs = await connection.client.jobs.list({ signal })
  if (io.json) io.document({ jobs })
  else if (jobs.length === 0) io.note('There are no jobs. `modelyard pull SOURCE` begins one.')
  else showJobs(io, jobs, connection.service !== undefined)
  const isHeld = !connection.service && jobs.some(({ state }) => state === 'running' || state === 'waiting')
  if (isHeld) io.note('No service is running, so nothing goes on. `modelyard jobs watch` starts it.')
  return 0
}

function showJobs(io: Io, jobs: readonly Job[], alive: boolean): void {
  const columns = [
    { title: 'JOB' },
    { title: 'STATE', paint: (cell: string, state: string) => paintOf(io.color, state)(cell) },
    { title: 'MODEL' },
    { title: 'INTO' },
    { title: 'DONE', right: true },
    { title: 'OF', right: true },
    { title: 'SPEED', right: true },
    { title: 'LEFT', right: true },
    { title: 'CHANGED' },
  ]
  const short = shortIds(jobs)
  io.out(
    table(
      columns,
      jobs.map((job) => rowOf(job, short, alive)),
    ),
  )
  for (const { id, error } of jobs) if (error) io.note([`${short(id)}: ${error.message}`, `→ ${error.hint}`].join(' '))
}

/** Speed and time left are news only while a service does the work. */
function rowOf(job: Job, short: (id: string) => string, alive: boolean): string[] {
  const { id, source, into, bytesDone, bytesTotal, bytesPerSecond, secondsLeft, state, updatedAt } = job
  const moves = alive && state === 'running'
  return [
    short(id),
    stateText(job),
    sourceText(source),
    into.join(', '),
    bytesTotal === undefined && bytesDone === 0 ? '' : formatSize(bytesDone),
    formatSize(bytesTotal),
    moves && bytesPerSecond ? `${formatSize(bytesPerSecond)}/s` : '',
    moves && secondsLeft !== undefined ? formatSpan(secondsLeft) : '',
    formatWhen(updatedAt),
  ]
}

function stateText({ state, stage, waitingFor }: Job): string {
  if (waitingFor !== undefined && state !== 'paused') return `waits for ${waitingFor === 'turn' ? 'its turn' : waitingFor}`
  return state === 'running' ? stage : state
}

function paintOf(color: Colors, state: string): (text: string) => string {
  if (state === 'succeeded') return color.green
  if (state === 'failed') return color.red
  return state === 'cancelled' ? color.dim : color.yellow
}
