/** What a home is called where several share a folder: made by chance, once, so that it tells nothing of the home. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const known = /^[0-9a-f]{16}$/

/** Undefined: it has none, and none may or can be made. */
export async function homeId(home: string, { readOnly }: { readonly readOnly: boolean }): Promise<string | undefined> {
  const path = join(home, 'home-id')
  const read = async (): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim()
  const id = await read()
  if (known.test(id)) return id
  if (readOnly) return undefined
  const made = randomBytes(8).toString('hex')
  return writeFile(path, `${made}\n`, { mode: 0o600 }).then(
    () => made,
    () => undefined,
  )
}
