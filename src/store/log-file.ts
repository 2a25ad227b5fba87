/** Where a service in the background writes its log: one file of a bounded size, and the one before it. */
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

const maxBytes = 10 * 2 ** 20

export const logFileOf = (home: string): string => join(home, 'logs', 'modelyard.log')

/** At a start: a log that has become large is put aside. */
export async function turnOverLog(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found && found.size > maxBytes) await rename(path, `${path}.1`)
}
