/** The service as a process of its own, as a person starts it: only such a one can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Client } from '../../client/index.ts'
import { ModelyardError } from '../../contract/index.ts'
import { surroundings } from '../../platform/child-process.ts'
import { clientOver } from '../http-client.ts'
import { ownCommand } from '../own-command.ts'

export interface DemoService {
  readonly pid: number | undefined
  /** Once it listens. */
  readonly client: Client
  /** Answers when it has ended in order. */
  close(): Promise<void>
  /** Answers when it is gone: by which signal. */
  kill(): Promise<string>
}

export interface StartingService extends Omit<DemoService, 'client'> {
  readonly ready: Promise<Client>
}

/** It ends with us, however we end. */
export function startDemoService(home: string): StartingService {
  const command = ownCommand('serve', '--home', home, '--port', '0', '--json', '--exit-with-parent')
  const child = spawn(process.execPath, command, { stdio: 'pipe', detached: true, windowsHide: true, env: envOf(home) })
  child.stdin.on('error', () => {})
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
    child.once('error', ({ message }) => resolve(message))
  })
  let leave = async (): Promise<void> => {}
  const end = async (signal: NodeJS.Signals): Promise<string> => {
    child.kill(signal)
    const how = await ended
    await leave()
    return how
  }
  const ready = addressOf(child, ended).then(({ url, tokenFile }) => {
    const { client, close } = clientOver(url, async () => (await readFile(tokenFile, 'utf8')).trim())
    leave = close
    return client
  })
  ready.catch(() => {})
  return { pid: child.pid, ready, close: async () => void (await end('SIGTERM')), kill: () => end('SIGKILL') }
}

/** Nothing of the environment concerns a demo but what programs need, and where the engine is. */
function envOf(home: string): NodeJS.ProcessEnv {
  const { MODELYARD_ENGINE_DIR } = process.env
  return {
    ...surroundings(process.env, process.versions.electron),
    ...(MODELYARD_ENGINE_DIR !== undefined && { MODELYARD_ENGINE_DIR }),
    HF_HOME: join(home, 'hub'),
    HF_HUB_DISABLE_IMPLICIT_TOKEN: '1',
  }
}

async function addressOf(child: ChildProcess, ended: Promise<string>): Promise<{ url: string; tokenFile: string }> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptChars)
  })
  const line = new Promise<string>((resolve) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve)
  })
  const first = await Promise.race([line, ended.then(() => undefined)])
  if (first !== undefined) return JSON.parse(first)
  throw new ModelyardError('service_unreachable', `The service of the demo ended with ${await ended}. ${said.trim()}`)
}
const keptChars = 1000
