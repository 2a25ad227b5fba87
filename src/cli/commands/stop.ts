import type { RunCommand } from '../command-spec.ts'
import { findRunning, homeOf, stopService } from '../home.ts'

/** Ends when the home is free. Nothing to stop is no failure. */
export const run: RunCommand = async (context) => {
  const { io } = context
  const home = homeOf(context)
  const service = await findRunning(home)
  if (service) await stopService(home)
  if (io.json) io.document({ stopped: service !== undefined, ...(service && { url: service.url, pid: service.pid }) })
  else if (service) io.out(`The service at ${service.url} (process ${service.pid}) has ended\n`)
  else io.note('No service is running.')
  return 0
}
