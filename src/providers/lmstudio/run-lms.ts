import { execFile } from 'node:child_process'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'

export const lmsLimitMs = 90_000
const maxOutput = 1024 * 1024

/**
 * Runs `lms` with these arguments: no shell, nothing on its standard input, no colours, at most 1 MiB of words and, when
 * nothing else is said, 90 s (it may have to start the application first, for which it allows itself 60); then it is
 * killed. Answers with its last words when it has ended; throws `provider_error` with them.
 */
export function runLms(lms: string, args: readonly string[], signal: AbortSignal, limitMs: number = lmsLimitMs): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      signal,
      timeout: limitMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: maxOutput,
      windowsHide: true,
      env: childEnvironment(),
    }
    const child = execFile(lms, args, options, (error, stdout, stderr) => {
      const settle = (): void => {
        if (signal.aborted) reject(abortReason(signal))
        else if (error) reject(failed(args, error, { stderr, limitMs }))
        else resolve(lastWords(stderr) || lastWords(stdout))
      }
      // An abort is told before the command has ended.
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) settle()
      else child.once('exit', settle)
    })
    child.stdin?.end()
  })
}

/** Ours is not theirs: no variable of Modelyard (its token is one) goes to the command. */
function childEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('MODELYARD_'))
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}

function failed(
  args: readonly string[],
  error: Error & { killed?: boolean; code?: unknown },
  { stderr, limitMs }: { stderr: string; limitMs: number },
): ModelyardError {
  const command = `lms ${args.slice(0, 2).join(' ')}`
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new ModelyardError('provider_error', `${command} printed more than ${maxOutput / 1024} KiB and was ended.`, { cause: error })
  if (error.killed === true) return new ModelyardError('timeout', `${command} did not end within ${limitMs / 1000} s.`, { cause: error })
  const said = lastWords(stderr)
  return new ModelyardError('provider_error', `${command} failed${said === '' ? '.' : `: ${said}`}`, { cause: error })
}

const lastWords = (text: string): string => engineWords(text.trim().split('\n').at(-1) ?? '')
