/** Processes as the system sees them: whose children they are, and when they are gone. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** Pairs of numbers of all processes. */
const table = (columns: string): Promise<number[][]> =>
  new Promise((resolve) => {
    execFile('ps', ['-eo', columns], (_, text) => resolve(text.split('\n').map((line) => line.trim().split(/\s+/).map(Number))))
  })

export const childrenOf = async (parent: number | undefined): Promise<number[]> =>
  (await table('pid=,ppid=')).flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []))

/** Its children and theirs. */
export async function descendantsOf(parent: number | undefined): Promise<number[]> {
  const children = await childrenOf(parent)
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()]
}

/** Resolves when it has ended, waited for by its parent or not. */
export async function gone(pid: number): Promise<void> {
  while (await isAlive(pid)) await new Promise((resolve) => setImmediate(resolve))
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/^\d+ \(.*\) [ZX]/.test(stat)
}

/** Resolves when nobody is left of those that a process with a session of its own has started, whoever their parent is now. */
export async function sessionGone(leader: number): Promise<void> {
  for (;;) {
    const all = (await table('pid=,sid=')).flatMap(([pid, sid]) => (pid !== undefined && sid === leader ? [pid] : []))
    const alive = (await Promise.all(all.map(isAlive))).includes(true)
    if (!alive) return
    await Promise.all(all.map(gone))
  }
}
