/** Processes as the system sees them: whose children they are, and when they are gone. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export const childrenOf = (parent: number | undefined): Promise<number[]> =>
  new Promise((resolve) => {
    execFile('ps', ['-eo', 'pid=,ppid='], (_, text) => {
      const rows = text.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
      resolve(rows.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : [])))
    })
  })

/** Its children and theirs. */
export async function descendantsOf(parent: number | undefined): Promise<number[]> {
  const children = await childrenOf(parent)
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()]
}

/** Resolves when it has ended, waited for by its parent or not. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (stat === '' || /^\d+ \(.*\) [ZX]/.test(stat)) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
