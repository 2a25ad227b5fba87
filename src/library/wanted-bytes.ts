/**
 * Which bytes the homes that share a library count on: an empty file each, named by the SHA-256 and the home's id, which
 * tells nothing of where that home is. What another home counts on is not removed. A home that is gone cannot take its
 * word back: what was not said again for a month counts no more.
 */
import { mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { waitForLock } from '../platform/kernel-lock.ts'

export interface WantedBytes {
  /** This home counts on exactly these: asked for when it is the home's turn to say. Throws nothing but the signal's reason. */
  tell(sha256s: () => ReadonlySet<string>, signal: AbortSignal): Promise<void>
  /** Other homes count on these. */
  ofOthers(): Promise<ReadonlySet<string>>
  /** Does what removes these bytes, unless another home counts on them; none begins to meanwhile. */
  unlessOthers(sha256: string, remove: () => Promise<void>, signal: AbortSignal): Promise<void>
}

export interface WantedBytesOptions {
  /** The library's hidden folder. */
  readonly folder: string
  /** Of this home. Undefined: it has none, and wants nothing. */
  readonly home: string | undefined
  readonly log: (message: string, error?: unknown) => void
  readonly now: () => number
}

const wordName = /^([0-9a-f]{64})\.([0-9a-f]{16})$/
const dayMs = 24 * 3600e3
const countsMs = 30 * dayMs
const purpose = 'wanted'

interface Word {
  readonly sha256: string
  readonly home: string
  readonly path: string
  readonly saidAt: number
}

export function createWantedBytes({ folder, home, log, now }: WantedBytesOptions): WantedBytes {
  const words = join(folder, purpose)
  const inTurn = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    await mkdir(words, { recursive: true, mode: 0o700 })
    const lock = await waitForLock(folder, purpose, signal)
    try {
      return await work()
    } finally {
      await lock.release()
    }
  }
  const ofOthers = async (): Promise<ReadonlySet<string>> => {
    const said = await wordsIn(words)
    return new Set(said.flatMap((one) => (one.home !== home && one.saidAt > now() - countsMs ? one.sha256 : [])))
  }
  return {
    ofOthers,
    async tell(sha256s, signal) {
      if (home === undefined) return
      try {
        await inTurn(signal, async () => say(words, { home, wanted: sha256s(), now: now() }))
      } catch (error) {
        signal.throwIfAborted()
        log('Other homes that share the library could not be told which of its bytes are wanted here', error)
      }
    },
    unlessOthers: (sha256, remove, signal) =>
      inTurn(signal, async () => {
        if (!(await ofOthers()).has(sha256)) await remove()
      }),
  }
}

/** Says again what was said a day ago; what no home has said for a month goes. */
async function say(words: string, { home, wanted, now }: { home: string; wanted: ReadonlySet<string>; now: number }): Promise<void> {
  const said = await wordsIn(words)
  const mine = said.filter((one) => one.home === home)
  const fresh = new Set(mine.flatMap(({ sha256, saidAt }) => (saidAt > now - dayMs ? sha256 : [])))
  for (const sha256 of wanted) if (!fresh.has(sha256)) await touch(join(words, `${sha256}.${home}`), now)
  for (const { sha256, home: other, saidAt, path } of said)
    if (other === home ? !wanted.has(sha256) : saidAt < now - countsMs) await rm(path, { force: true })
}

async function touch(path: string, now: number): Promise<void> {
  await (await open(path, 'a', 0o600)).close()
  await utimes(path, new Date(now), new Date(now))
}

async function wordsIn(folder: string): Promise<Word[]> {
  const names = await readdir(folder).catch(() => [])
  const looked = names.map(async (name): Promise<Word[]> => {
    const [, sha256, home] = wordName.exec(name) ?? []
    const path = join(folder, name)
    const found = sha256 === undefined ? undefined : await stat(path).catch(() => undefined)
    return found && sha256 !== undefined && home !== undefined ? [{ sha256, home, path, saidAt: found.mtimeMs }] : []
  })
  return (await Promise.all(looked)).flat()
}
