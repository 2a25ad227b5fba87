/** Sets up what is missing and runs the built command in this process's place. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'

export async function runProgram(args) {
  setUp()
  const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli.js')
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  // The terminal sends its signals to both; the child decides what they mean.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
  process.exitCode = await new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1))))
}
