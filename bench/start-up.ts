/** The shipped program: until it says its version, until it listens, and what it weighs when idle. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, median, megabytes, ms } from './table.ts'

const program = 'dist/cli.js'
const rounds = 15
const idleMs = 5000

export async function startUp(): Promise<Figure[]> {
  const bare = median(Array.from({ length: rounds }, () => run(['-e', '0'])))
  const version = median(Array.from({ length: rounds }, () => run([program, '--version'])))
  const served: number[] = []
  for (let round = 0; round < rounds; round += 1) served.push(await untilListening())
  const listening = median(served)
  const weight = await idleWeight()
  return [
    {
      what: '`modelyard --version`: beyond bare Node',
      measured: ms(version - bare),
      peer: `node -e 0: ${ms(bare)}`,
      limit: '60 ms',
      share: (version - bare) / 60,
    },
    {
      what: '`serve` until it listens: beyond bare Node',
      measured: ms(listening - bare),
      peer: `node -e 0: ${ms(bare)}`,
      limit: '200 ms',
      share: (listening - bare) / 200,
    },
    { what: 'idle `serve`, resident', measured: megabytes(weight), peer: '', limit: '100 MB', share: weight / 100e6 },
  ]
}

function run(args: readonly string[]): number {
  const started = performance.now()
  execFileSync(process.execPath, args, { stdio: 'ignore' })
  return performance.now() - started
}

async function served<T>(work: (child: ChildProcess) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--home', home], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    return await work(child)
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
    await rm(home, { recursive: true, force: true })
  }
}

async function untilListening(): Promise<number> {
  const started = performance.now()
  return served(async () => performance.now() - started)
}

/** Linux says what is resident; after the first looks at all engines. */
async function idleWeight(): Promise<number> {
  return served(async ({ pid }) => {
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1] ?? Number.NaN) * 1024
  })
}
