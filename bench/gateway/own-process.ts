/** A part of the bench in a process of its own: it says where it listens, and ends with us. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export interface OwnProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly url: string
}

export async function ownProcess(file: string, args: readonly string[]): Promise<OwnProcess> {
  const child = fork(file, args, { execArgv: ['--import', 'tsx'] })
  const leave = (): void => void child.kill('SIGKILL')
  process.once('exit', leave)
  const [url] = (await once(child, 'message')) as [string]
  return {
    child,
    url,
    async [Symbol.asyncDispose]() {
      process.off('exit', leave)
      const gone = once(child, 'exit')
      leave()
      await gone
    },
  }
}
