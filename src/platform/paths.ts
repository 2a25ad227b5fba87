/** Where things are kept unless somebody says otherwise. */
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** The platform's own place for the state of a program. */
export const defaultHome = (): string => envPaths('modelyard', { suffix: '' }).data

/** An absolute path from what a person wrote; `~/` is the home of the user. */
export function absolutePath(written: string, base = process.cwd()): string {
  if (written === '~') return homedir()
  const path = written.startsWith('~/') ? join(homedir(), written.slice(2)) : written
  return isAbsolute(path) ? path : resolve(base, path)
}
