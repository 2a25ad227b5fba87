import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const tsx = import.meta.resolve('tsx')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
  /** Resolves when standard output (or error) has matched. Rejects when the process ends before. */
  said(pattern: RegExp, where?: 'out' | 'err'): Promise<RegExpExecArray>
}

const folders: string[] = []
const running = new Set<ChildProcessWithoutNullStreams>()
afterEach(async () => {
  const ends = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(ends)
  // What a killed service had begun may put one more file there.
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

/** A folder of its own for one test, removed afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'modelyard-cli-'))
  folders.push(folder)
  return folder
}

/** The command as its own process, with an environment that knows nothing of this machine's. */
export function start(
  home: string,
  words: readonly string[],
  { input, env = {}, cwd }: { input?: string | 'open'; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Running {
  const child = spawn(process.execPath, ['--import', tsx, main, ...words], {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, MODELYARD_HOME: home, MODELYARD_PORT: '0', ...env },
  })
  running.add(child)
  const text = { out: '', err: '' }
  const watchers = new Set<() => void>()
  const take = (where: 'out' | 'err') => (data: string) => {
    text[where] += data
    for (const look of [...watchers]) look()
  }
  child.stdout.setEncoding('utf8').on('data', take('out'))
  child.stderr.setEncoding('utf8').on('data', take('err'))
  if (input !== 'open') child.stdin.end(input ?? '')
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      running.delete(child)
      resolve({ code, ...text })
    })
  })
  const said = (pattern: RegExp, where: 'out' | 'err' = 'out'): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text[where])
        if (!match) return
        watchers.delete(look)
        resolve(match)
      }
      watchers.add(look)
      look()
      void ended.then(({ code, out, err }) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${out}\n${err}`)))
    })
  return { child, ended, said }
}

export const cli = (home: string, words: readonly string[], options?: Parameters<typeof start>[2]): Promise<Ended> =>
  start(home, words, options).ended
