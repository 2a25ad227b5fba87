import type { CommandContext } from './command-spec.ts'
import { commandTable, commonOptions } from './command-table.ts'
import { type Io, ioOf } from './io.ts'
import { type Invocation, parse } from './program.ts'
import { showError } from './show-error.ts'

/** Does one command and gives its exit code. Never throws. */
export async function run(words: readonly string[]): Promise<number> {
  endWithTheReader()
  let io = ioOf(process, process.env, words.includes('--json'))
  try {
    const invocation = await parse(words, io.out)
    if (!invocation?.spec.load) return 0
    io = ioOf(process, process.env, invocation.options.json === true)
    const command = await invocation.spec.load()
    return await command.run(contextOf(invocation, io))
  } catch (error) {
    return showError(io, error)
  }
}

function contextOf({ words, options }: Invocation, io: Io): CommandContext {
  let interrupt: AbortController | undefined
  return {
    words,
    options,
    io,
    env: process.env,
    commandLine: { commands: commandTable, commonOptions },
    get signal() {
      interrupt ??= watchInterrupt()
      return interrupt.signal
    },
  }
}

/** The first Ctrl-C asks, the second one ends at once. */
function watchInterrupt(): AbortController {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller
}

/** `modelyard ls | head`: when nobody reads any more there is nothing left to do. */
function endWithTheReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
}
