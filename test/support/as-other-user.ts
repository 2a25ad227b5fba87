/** Runs a few lines as a user who is not root: root may write, link and read everything. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const source = join(import.meta.dirname, '../../src')
const nobody = 65_534

/** Skipped where this process may not become another user. */
export const canBeOther = process.getuid?.() === 0

/** What the lines print; `load(path)` imports a module of `src`. */
export function asOtherUser(lines: string): Promise<string> {
  const code = `const load = (path) => import(${JSON.stringify(source)} + '/' + path)\n${lines}`
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(canBeOther && { uid: nobody, gid: nobody }),
    })
    let said = ''
    let failed = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece
    })
    child.stderr.on('data', (piece: Buffer) => {
      failed += piece
    })
    child.once('error', reject)
    child.once('close', (status) => (status === 0 ? resolve(said.trim()) : reject(new Error(failed))))
  })
}
