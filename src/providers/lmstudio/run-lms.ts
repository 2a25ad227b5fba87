import { execFile } from 'node:child_process'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'

const limitMs = 90_000

/**
 * Runs `lms` with these arguments: no shell, nothing on its standard input, no colours, 90 s at most (it may have to
 * start the application first, for which it allows itself 60). Throws `provider_error` with its last words.
 */
export function runLms(lms: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: limitMs, maxBuffer: 1024 * 1024, windowsHide: true, env: childEnvironment() }
    const child = execFile(lms, args, options, (error, stdout, stderr) => {
      if (signal.aborted) reject(abortReason(signal))
      else if (error) reject(failed(args, error, stderr))
      else resolve(stdout)
    })
    child.stdin?.end()
  })
}

/** Ours is not theirs: no variable of Modelyard (its token is one) goes to the command. */
function childEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('MODELYARD_'))
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}

function failed(args: readonly string[], error: Error & { killed?: boolean }, stderr: string): ModelyardError {
  const command = `lms ${args.slice(0, 2).join(' ')}`
  if (error.killed === true) return new ModelyardError('timeout', `${command} did not end within ${limitMs / 1000} s.`, { cause: error })
  const said = engineWords(stderr.trim().split('\n').at(-1) ?? '')
  return new ModelyardError('provider_error', `${command} failed${said === '' ? '.' : `: ${said}`}`, { cause: error })
}
