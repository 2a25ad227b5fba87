/** A program that tells what it does, a line of JSON each, and can be killed in the middle of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Killable<Said> {
  /** So far. */
  readonly said: readonly Said[]
  /** Resolves when it has said it, or has ended. */
  until(what: (said: Said) => boolean): Promise<void>
  /** It reads a line. */
  go(): void
  /** With -9; resolves when it is gone. Of one that has ended: nothing. */
  kill(): Promise<void>
  /** Its exit code; null: it was killed. */
  readonly ended: Promise<number | null>
  readonly isOver: boolean
}

export function startKillable<Said>(file: string, task: unknown): Killable<Said> {
  const child = spawn(process.execPath, [file, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said: Said[] = []
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const one of [...waiting]) one()
  }
  let isOver = false
  // A killed one may leave half a line.
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.endsWith('}')) return
    said.push(JSON.parse(line) as Said)
    look()
  })
  const ended = once(child, 'close').then(([code]) => {
    isOver = true
    look()
    return code as number | null
  })
  return {
    said,
    ended,
    get isOver() {
      return isOver
    },
    until: (what) =>
      new Promise((resolve) => {
        const one = (): void => {
          if (!isOver && !said.some(what)) return
          waiting.delete(one)
          resolve()
        }
        waiting.add(one)
        one()
      }),
    go: () => void child.stdin.on('error', () => undefined).end('go\n'),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
