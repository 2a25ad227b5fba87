/**
 * What the index says: which bytes lie under which name, and by which inode, size and mtime that is still so. It is only
 * changed under a lock of the kernel, read anew each time, so that several processes at once lose nothing.
 */
import { lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { waitForLock } from '../platform/kernel-lock.ts'
import { type RecordFile, readRecords, tableLock, writeRecords } from '../platform/record-file.ts'

const indexed = z.object({
  /** `publisher/repo/file`. */
  name: z.string().min(1).max(500),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  ino: z.number(),
  mtimeMs: z.number(),
  repo: z.string().max(200).optional(),
  file: z.string().max(300).optional(),
  commit: z.string().max(100).optional(),
  /** It lay there already when it was asked for: somebody else put it there. */
  found: z.boolean().optional(),
})
export type Indexed = z.infer<typeof indexed>

export interface LibraryIndex {
  /** By name. */
  all(): Promise<ReadonlyMap<string, Indexed>>
  /** `edit` changes the map; nothing is written when it answers false. */
  change(edit: (entries: Map<string, Indexed>) => boolean): Promise<void>
}

const maxEntries = 50_000

/** `folder` is the hidden folder of the library. */
export function createLibraryIndex(folder: string, onDamage: () => void): LibraryIndex {
  const file: RecordFile<Indexed> = { path: join(folder, 'index.json'), schema: indexed, maxRecords: maxEntries, maxBytes: 2 ** 25 }
  let seen: { state: string; entries: Map<string, Indexed> } | undefined
  let turn: Promise<void> = Promise.resolve()

  const read = async (): Promise<Map<string, Indexed>> => {
    const state = await stateOf(file.path)
    if (seen && state !== undefined && seen.state === state) return seen.entries
    const { records, damaged } = await readRecords(file)
    if (damaged) onDamage()
    const entries = new Map(records.map((one) => [one.name, one]))
    seen = state === undefined ? undefined : { state, entries }
    return entries
  }

  const changeNow = async (edit: (entries: Map<string, Indexed>) => boolean): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const lock = await waitForLock(folder, tableLock, new AbortController().signal)
    try {
      const entries = new Map(await read())
      if (edit(entries)) await writeRecords(file, [...entries.values()])
    } finally {
      await lock.release()
    }
  }

  return {
    all: read,
    change(edit) {
      const mine = turn.then(() => changeNow(edit))
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

/** It is always replaced, never written to: another state is another inode or another mtime. */
async function stateOf(path: string): Promise<string | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.ino}-${found.mtimeNs}-${found.size}`
}
