/** Children that are programs of our own: started without our secrets, ended with us, and their end explained. */
import { type ChildProcess, type Serializable, spawn } from 'node:child_process'

export interface SupervisedChild {
  readonly pid: number | undefined
  /** Neither ended nor being ended. */
  readonly alive: boolean
  /** Lost when the child has ended. */
  send(message: Serializable): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, with the reason in words: `killed by SIGKILL`, `code 1: …` and its last telling line on stderr. */
  onExit(listener: (why: string) => void): void
  /** Ends it at once and waits for its end. Idempotent; the first reason given stands. */
  end(why?: string): Promise<void>
}

export interface ChildProgram {
  readonly file: string
  /** Before the file. */
  readonly nodeOptions?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

/**
 * Starts a file of ours as a process of its own, with messages both ways. Its standard input is a pipe that ends with
 * us, however we end: the child watches it. Inside Electron the same program runs it as plain Node.
 */
export function startSupervised({ file, nodeOptions = [], env = {} }: ChildProgram): SupervisedChild {
  const child = spawn(process.execPath, [...nodeOptions, unpacked(file)], {
    stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    env: { ...surroundings(process.env, process.versions.electron), ...env },
    windowsHide: true,
  })
  const lines = lastLines(child)
  const exitListeners: ((why: string) => void)[] = []
  let ending: string | undefined
  let gone = false
  let over = false
  let settle: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    settle = resolve
  })
  const onEnd = (why: string): void => {
    if (over) return
    over = true
    ending ??= lines.explain(why)
    for (const listener of exitListeners) listener(ending)
    settle()
  }
  child.on('exit', (code, killedBy) => {
    gone = true
    const why = killedBy ? `killed by ${killedBy}` : `code ${code}`
    if (ending !== undefined) return onEnd(why)
    // Its last line may still be on the way.
    child.once('close', () => onEnd(why))
    setTimeout(() => onEnd(why), lastLineMs)
  })
  child.on('error', (error) => {
    // A child that was never started has no exit; one that could not be told something is still there.
    if (child.pid === undefined) onEnd(error.message)
  })
  // Nothing is ever written: an end of the pipe is news only to the child.
  child.stdin?.on('error', () => {})

  return {
    pid: child.pid,
    get alive() {
      return ending === undefined && !gone
    },
    send(message) {
      if (child.connected) child.send(message, () => {})
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void exitListeners.push(listener),
    end(why = 'it was ended') {
      ending ??= why
      if (!over) child.kill('SIGKILL')
      return ended
    },
  }
}

/** No program can be started from inside Electron's archive: beside it lies what was unpacked. */
export const unpacked = (path: string): string => path.replace(/([\\/])app\.asar(?=[\\/])/, '$1app.asar.unpacked')

/** What a program needs from its surroundings, and drivers of GPUs from theirs: never tokens and keys. */
const needed =
  /^(?:PATH|PATHEXT|HOME|USER|LANG|LC_\w+|TZ|TMP|TEMP|TMPDIR|SHELL|COMSPEC|SYSTEMROOT|SYSTEMDRIVE|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAM\w+|PROCESSOR_\w+|NUMBER_OF_PROCESSORS|(?:LD|DYLD)_LIBRARY_PATH|XDG_\w+|(?:CUDA|NVIDIA|GGML|LLAMA|VK|VULKAN|HIP|HSA|ROCR|OMP|MTL|METAL)_\w+)$/i

/** Inside Electron our own program is Electron, which runs a file as Node only when it is told so. */
export function surroundings(env: NodeJS.ProcessEnv, electron: string | undefined): NodeJS.ProcessEnv {
  const passedOn = Object.fromEntries(Object.entries(env).filter(([name]) => needed.test(name)))
  return electron === undefined ? passedOn : { ...passedOn, ELECTRON_RUN_AS_NODE: '1' }
}

const keptChars = 8192
const lastLineMs = 500
const telling = /assert|error|abort|fatal|failed|cannot|unable/i

/** What a child said last on stderr: a library that aborts tells the reason only there. */
function lastLines(child: ChildProcess): { explain(why: string): string } {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-keptChars)
  })
  child.stderr?.on('error', () => {})
  return {
    explain(why) {
      const line = text.split('\n').find((one) => telling.test(one))
      return line === undefined ? why : `${why}: ${line.trim()}`
    },
  }
}
