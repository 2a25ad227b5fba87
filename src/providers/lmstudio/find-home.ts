import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

export interface Installation {
  /** Is LM Studio on this machine, as far as its folder or a configured command tells? */
  readonly installed: boolean
  /** Absolute path of the `lms` command. */
  readonly lms?: string | undefined
}

/**
 * Looks for LM Studio's folder as its own tools do: what `~/.lmstudio-home-pointer` names, else `~/.cache/lm-studio`,
 * else `~/.lmstudio`. Reads only; their tools would write the pointer.
 */
export async function findInstallation(options: { lms?: string | undefined; userHome?: string | undefined }): Promise<Installation> {
  const { lms, userHome = homedir() } = options
  const home = await findHome(userHome)
  const candidate = lms ?? (home === undefined ? undefined : join(home, 'bin', process.platform === 'win32' ? 'lms.exe' : 'lms'))
  const command = candidate !== undefined && isAbsolute(candidate) && (await isFile(candidate)) ? candidate : undefined
  return { installed: home !== undefined || command !== undefined, lms: command }
}

async function findHome(userHome: string): Promise<string | undefined> {
  const pointed = await readFile(join(userHome, '.lmstudio-home-pointer'), 'utf8').then(
    (text) => text.trim(),
    () => '',
  )
  const places = [...(isAbsolute(pointed) ? [pointed] : []), join(userHome, '.cache', 'lm-studio'), join(userHome, '.lmstudio')]
  for (const place of places) if (await isFolder(place)) return place
  return undefined
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
