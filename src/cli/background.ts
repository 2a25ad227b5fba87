import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import type { CommandContext } from './command-spec.ts'
import { findRunning, homeOf, logFileOf, type RunningService, turnOverLog } from './home.ts'
import { ownCommand } from './own-command.ts'
import { readTail } from './read-tail.ts'

const startMs = 30_000
const lookEveryMs = 50

/** Starts `modelyard serve` as a process of its own and waits until it has proven that it is there. Says so. */
export async function startInBackground(context: CommandContext): Promise<RunningService> {
  const home = homeOf(context)
  const logFile = logFileOf(home)
  const log = await openLog(logFile)
  const begun = (await log.stat()).size
  try {
    const child = spawnService(context, log)
    const service = await untilThere(child, home, { logFile, begun })
    context.io.note(
      `No service was running: started one in the background at ${service.url} (process ${service.pid}). \`modelyard stop\` ends it.`,
    )
    return service
  } finally {
    await log.close()
  }
}

async function openLog(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await turnOverLog(path)
  return open(path, 'a', 0o600)
}

function spawnService({ options, env }: CommandContext, log: FileHandle): ChildProcess {
  const flags = ['home', 'library', 'config'].flatMap((name) => (typeof options[name] === 'string' ? [`--${name}`, options[name]] : []))
  const child = spawn(process.execPath, ownCommand('serve', ...flags), {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env,
    windowsHide: true,
  })
  child.unref()
  return child
}

async function untilThere(
  child: ChildProcess,
  home: string,
  { logFile, begun }: { logFile: string; begun: number },
): Promise<RunningService> {
  let end: string | undefined
  child.once('error', (error) => {
    end = error.message
  })
  child.once('exit', (code, signal) => {
    end = `it ended with ${signal ?? code}`
  })
  for (const deadline = Date.now() + startMs; Date.now() < deadline; ) {
    const service = await findRunning(home)
    if (service) return service
    if (end !== undefined) break
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  const said = (await readTail(logFile, { from: begun, lines: 3 })).lines.join(' ').trim()
  if (end === undefined) child.kill()
  throw new ModelyardError(
    'service_unreachable',
    `The service could not be started in the background: ${end ?? 'it did not answer in time'}.`,
    {
      hint: said === '' ? `See ${logFile}; \`modelyard serve\` shows it directly.` : `It said: ${said}`,
    },
  )
}
