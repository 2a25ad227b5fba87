import { readFile, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'

export interface Installation {
  /** Is LM Studio on this machine, as far as its folder or a configured command tells? */
  readonly installed: boolean
  /** Absolute path of the `lms` command. */
  readonly lms?: string | undefined
  /** Real path of the folder of its models, where there is one. */
  readonly modelsDir?: string | undefined
}

export interface LookingFor {
  /** As configured: they go before what is found. */
  readonly lms?: string | undefined
  readonly modelsDir?: string | undefined
  readonly userHome?: string | undefined
}

/**
 * Looks for LM Studio's folder as its own tools do: what `~/.lmstudio-home-pointer` names, else `~/.cache/lm-studio`,
 * else `~/.lmstudio`; in it the models lie where `settings.json` says (`downloadsFolder`), else in `models`. Reads only;
 * their tools would write the pointer.
 */
export async function findInstallation({ lms, modelsDir, userHome = homedir() }: LookingFor): Promise<Installation> {
  const home = await findHome(userHome)
  const candidate = lms ?? (home === undefined ? undefined : join(home, 'bin', process.platform === 'win32' ? 'lms.exe' : 'lms'))
  const command = candidate !== undefined && isAbsolute(candidate) && (await isFile(candidate)) ? candidate : undefined
  const folder = modelsDir ?? (home === undefined ? undefined : await modelsFolderOf(home))
  return { installed: home !== undefined || command !== undefined, lms: command, modelsDir: folder && (await realFolder(folder)) }
}

const settings = z.object({ downloadsFolder: z.string().refine(isAbsolute) })
const maxSettingsBytes = 1024 * 1024

async function modelsFolderOf(home: string): Promise<string> {
  const path = join(home, 'settings.json')
  const small = await stat(path).then(
    (found) => found.isFile() && found.size <= maxSettingsBytes,
    () => false,
  )
  const text = small ? await readFile(path, 'utf8').catch(() => '') : ''
  return downloadsFolderIn(text) ?? join(home, 'models')
}

function downloadsFolderIn(text: string): string | undefined {
  try {
    return settings.parse(JSON.parse(text)).downloadsFolder
  } catch {
    return undefined
  }
}

const realFolder = async (path: string): Promise<string | undefined> =>
  (await isFolder(path)) ? await realpath(path).catch(() => undefined) : undefined

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
