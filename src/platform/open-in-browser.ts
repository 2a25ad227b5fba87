/** Shows an address in the person's browser, with the platform's own opener; no shell reads the address. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { findProgram } from './find-program.ts'

export interface BrowserOptions {
  readonly env: NodeJS.ProcessEnv
  /** An opener that still runs then has become the browser itself. */
  readonly settleMs?: number
}

/** False where nobody would see it (over ssh, without a display), where there is no opener, and where it failed. */
export async function openInBrowser(url: string, { env, settleMs = 3000 }: BrowserOptions): Promise<boolean> {
  if (!canShow(env)) return false
  const { name, words } = openerOf(env)
  const program = await findProgram(name)
  return program !== undefined && started(program, [...words, url], { env, settleMs })
}

function canShow(env: NodeJS.ProcessEnv): boolean {
  if (env.SSH_CONNECTION || env.SSH_TTY) return false
  return process.platform === 'win32' || process.platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** `start` of Windows belongs to its shell; what it calls for an address is asked directly. */
function openerOf(env: NodeJS.ProcessEnv): { name: string; words: readonly string[] } {
  if (process.platform === 'darwin') return { name: '/usr/bin/open', words: [] }
  if (process.platform !== 'win32') return { name: 'xdg-open', words: [] }
  return { name: join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'rundll32.exe'), words: ['url.dll,FileProtocolHandler'] }
}

/** Variables that no browser needs, and that may be secret. */
const ofNobodyElse = /^MODELYARD_|TOKEN|SECRET|PASSWORD|API_?KEY/i

function started(program: string, words: readonly string[], { env, settleMs }: Required<BrowserOptions>): Promise<boolean> {
  const child = spawn(program, words, {
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
    // Not the working folder, where anything may lie.
    cwd: dirname(program),
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !ofNobodyElse.test(name))),
  })
  child.unref()
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), settleMs)
    const end = (opened: boolean): void => {
      clearTimeout(timer)
      resolve(opened)
    }
    child.once('error', () => end(false))
    child.once('exit', (code) => end(code === 0))
  })
}
