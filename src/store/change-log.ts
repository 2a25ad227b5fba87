/** What was taken away on somebody's word, a line of JSON each, kept in the home and only added to. */
import { appendFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makePrivateFolder } from '../platform/atomic-file.ts'
import { turnOverLog } from './log-file.ts'

export interface ChangeLog {
  /** Throws nothing: what was done is done, whether it can be written down or not. */
  note(did: string, what: Readonly<Record<string, unknown>>): Promise<void>
}

export interface ChangeLogOptions {
  readonly home: string
  readonly now: () => number
  readonly log: (message: string, error?: unknown) => void
}

export const changeLogOf = (home: string): string => join(home, 'logs', 'changes.log')

export function createChangeLog({ home, now, log }: ChangeLogOptions): ChangeLog {
  const path = changeLogOf(home)
  return {
    async note(did, what) {
      const line = JSON.stringify({ at: new Date(now()).toISOString(), did, ...what })
      try {
        await makePrivateFolder(dirname(path))
        await turnOverLog(path)
        await appendFile(path, `${line}\n`, { mode: 0o600 })
      } catch (error) {
        log(`${path} could not be written: ${line}`, error)
      }
    },
  }
}
