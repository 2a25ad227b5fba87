/** The token of the control API: 256 bits, in a file that only its owner reads, compared in constant time. */
import { timingSafeEqual } from 'node:crypto'
import { statSync, watch } from 'node:fs'
import { chmod, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { makePrivateFolder, replaceFile } from '../platform/atomic-file.ts'
import { newToken, tokenDigest } from './token-digest.ts'

export interface TokenSource {
  matches(candidate: string): boolean
  /** Called when the token has changed: whoever came in with the old one has to go. */
  onRotate(listener: () => void): () => void
  readonly token: string
  close(): void
}

export const tokenFileOf = (home: string): string => join(home, 'token')

const tokenShape = /^[\x21-\x7e]{16,512}$/

export async function readOrMakeToken(home: string): Promise<string> {
  await makePrivateFolder(home)
  const path = tokenFileOf(home)
  const token = newToken()
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${token}\n`).finally(() => file.close())
    return token
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readToken(path)
  }
}

async function readToken(path: string): Promise<string> {
  const { mode } = await stat(path)
  // Others could read it: from now on they cannot.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(path, 0o600)
  const token = (await readFile(path, 'utf8')).trim()
  if (tokenShape.test(token)) return token
  throw new ModelyardError('invalid_configuration', `${path}: expected a token of 16 to 512 characters.`, {
    hint: 'Remove the file; a new one is made.',
  })
}

/** A new token in the file; a running service takes it over at once. */
export async function rotateToken(home: string): Promise<string> {
  await readOrMakeToken(home)
  const token = newToken()
  await replaceFile(tokenFileOf(home), `${token}\n`)
  return token
}

/** `fixed`: of `MODELYARD_TOKEN`; else the file's, read anew whenever it has changed. */
export async function openTokenSource(home: string, fixed?: string): Promise<TokenSource> {
  if (fixed !== undefined) return { token: fixed, matches: matcherOf(fixed), onRotate: () => () => {}, close() {} }
  let token = await readOrMakeToken(home)
  let matches = matcherOf(token)
  const path = tokenFileOf(home)
  const listeners = new Set<() => void>()
  let seen = signatureOf(path)

  const refresh = async (): Promise<void> => {
    const now = signatureOf(path)
    if (now === seen) return
    seen = now
    const next = await readToken(path).catch(() => token)
    if (next === token) return
    token = next
    matches = matcherOf(next)
    for (const listener of [...listeners]) listener()
  }

  const watcher = watch(home, { persistent: false }, (_, name) => {
    if (name === null || name === 'token') void refresh()
  })
  watcher.on('error', () => watcher.close())

  return {
    get token() {
      return token
    },
    matches: (candidate) => matches(candidate),
    onRotate(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => watcher.close(),
  }
}

function signatureOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path)
    return `${ino}:${mtimeMs}:${size}`
  } catch {
    return ''
  }
}

/** Both are hashed first: equal lengths, and nothing to be learned from the time it takes. */
function matcherOf(token: string): (candidate: string) => boolean {
  const expected = tokenDigest(token)
  return (candidate) => timingSafeEqual(tokenDigest(candidate), expected)
}
