import type { Status } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import type { Connected } from '../connected.ts'
import { connect } from '../connection.ts'
import { formatWhen } from '../format.ts'
import type { Io } from '../io.ts'
import { showPairs } from '../pairs.ts'
import { showProviders } from './providers.ts'
import { showSlots } from './slots.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const status = await connection.client.status({ signal })
  if (io.json) io.document(status)
  else showStatus(io, status, connection.service)
  if (!connection.service) io.note('No service is running. `modelyard serve` starts it.')
  return 0
}

function showStatus(io: Io, status: Status, service: Connected['service']): void {
  const { envFile, providers, slots, jobs, drift } = status
  showPairs(io, [
    ['modelyard', status.version],
    ['service', service && `${service.url}, process ${service.pid}, started ${formatWhen(status.startedAt)}`],
    ['home', status.home],
    ['.env', envFile.error ? `${envFile.path}: ${envFile.error.message}` : `${envFile.path}${envFile.read ? '' : ' (not there yet)'}`],
    ['jobs', jobs.running + jobs.waiting === 0 ? undefined : `${jobs.running} running, ${jobs.waiting} waiting`],
  ])
  io.out('\n')
  showSlots(io, slots)
  io.out('\n')
  showProviders(io, providers)
  if (drift.length > 0) io.out('\n')
  for (const { text, hint } of drift) io.note(`drift: ${text} → ${hint}`)
}
