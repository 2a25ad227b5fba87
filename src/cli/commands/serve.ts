import { type Service, serve, whenParentLeaves } from '../../server/serve.ts'
import type { RunCommand } from '../command-spec.ts'
import { settingsOf } from '../home.ts'
import { openLog } from '../service-log.ts'
import { showSessionLink } from '../session-link.ts'

/** Shutting down has a budget of 10 s; whoever has not ended by then is not waited for. */
const closeMs = 9500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Prints one line when it accepts connections; ends with the first reason to end, in order. */
export const run: RunCommand = async (context) => {
  const { io, options } = context
  const settings = await settingsOf(context)
  const log = openLog(io)
  const end = firstReason(options.exitWithParent === true)
  const service = await serve({
    settings,
    log: (message, error) => (error === undefined ? log.info(message) : log.error({ err: error }, message)),
    onStop: () => end.because('somebody asked for it'),
  })
  const { url, pid, tokenFile } = service
  if (io.json) io.document({ url, pid, tokenFile })
  else io.out(`modelyard listening on ${url}\n`)
  log.info({ url, home: settings.home, pid }, 'listening')
  showSessionLink(io, url, service.yard.session.code)
  void sayWhenEmpty(service, log)
  log.info(`ending: ${await end.reason}`)
  await closeInTime(service, () => {
    log.error(`not everything ended within ${closeMs / 1000} s`)
    process.exit(1)
  })
  log.info('ended')
  // Reading standard input would keep the process alive.
  process.exit(0)
}

/** On a machine without any model there is something to see all the same. */
async function sayWhenEmpty({ yard }: Service, log: ReturnType<typeof openLog>): Promise<void> {
  const { models } = await yard.models.list().catch(() => ({ models: [undefined] }))
  if (models.length === 0) log.info('no chat model was found; `modelyard demo` (in a clone: `npm run demo`) shows a switch without any')
}

function firstReason(withParent: boolean): { reason: Promise<string>; because(reason: string): void } {
  let because: (reason: string) => void = () => {}
  const reason = new Promise<string>((resolve) => {
    because = resolve
  })
  for (const signal of signals) {
    process.once(signal, () => {
      because(signal)
      process.on(signal, () => process.exit(130))
    })
  }
  if (withParent) whenParentLeaves(() => because('standard input was closed'))
  return { reason, because: (text) => because(text) }
}

async function closeInTime(service: Service, late: () => void): Promise<void> {
  const timer = setTimeout(late, closeMs)
  await service.close()
  clearTimeout(timer)
}
