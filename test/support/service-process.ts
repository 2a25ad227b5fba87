/** The same as a page scene, with the service as it is shipped: a process of its own, which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type PageOptions, type PageSurroundings, pageSurroundings, type ServedPage, servedPage } from './page-scene.ts'
import { descendantsOf, gone } from './processes.ts'
import { off } from './test-yard.ts'

export interface ServiceProcess extends PageSurroundings, ServedPage {
  /** Of the service that runs now. */
  readonly pid: number
  /** With -9; resolves when it and its children are gone. `start` begins another at the same address. */
  kill(): Promise<void>
  /** The variables of commands that are to find this service. */
  readonly env: NodeJS.ProcessEnv
}

export const program = join(import.meta.dirname, '../../dist/cli.js')

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

export async function serviceProcess(options: PageOptions = {}): Promise<ServiceProcess> {
  if (!existsSync(program)) throw new TypeError('it is not built: `npm run setup`')
  const around = await pageSurroundings(options)
  const { home, settings } = around
  const { providers, slots, hub } = settings
  await writeFile(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers: { ...off, ...providers }, slots, hub }))
  const env = { PATH: process.env.PATH, HOME: home, MODELYARD_HOME: home }
  let running = await run(env, 0)
  const { url } = running
  const port = Number(new URL(url).port)
  const end = (signal: NodeJS.Signals) => () => endAll(running.child, signal)
  const start = async (): Promise<void> => {
    running = await run(env, port)
  }
  return {
    ...around,
    ...servedPage({ url, token: around.token, start, stop: end('SIGTERM') }),
    env,
    kill: end('SIGKILL'),
    get pid() {
      return running.child.pid ?? 0
    },
    async [Symbol.asyncDispose]() {
      await endAll(running.child, 'SIGTERM')
      await around[Symbol.asyncDispose]()
    },
  }
}

async function run(env: NodeJS.ProcessEnv, port: number): Promise<Running> {
  const child = spawn(process.execPath, [program, 'serve', '--json', '--port', String(port)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (piece: Buffer) => {
    said = `${said}${piece}`.slice(-4000)
  })
  const failed = once(child, 'close').then(([code]) => Promise.reject(new Error(`the service ended with ${String(code)}:\n${said}`)))
  failed.catch(() => undefined)
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed])
  return { child, url: (JSON.parse(String(line)) as { url: string }).url }
}

async function endAll(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const all = [child.pid, ...(await descendantsOf(child.pid))]
  child.kill(signal)
  await Promise.all(all.map(gone))
}
