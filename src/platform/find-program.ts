/** Where a command is: the path itself when it is one, else looked for along PATH. Starts nothing. */
import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

export async function findProgram(name: string): Promise<string | undefined> {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']
  const folders = isAbsolute(name) ? [''] : (process.env.PATH ?? '').split(delimiter).filter(isAbsolute)
  for (const folder of folders) {
    for (const ending of endings) {
      const path = folder === '' ? name + ending : join(folder, name + ending)
      if (await executable(path)) return path
    }
  }
  return undefined
}

const executable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
