/**
 * What the headers of the library say, read once for each state of a file and saved beside them, so that ten thousand
 * are listed without being opened. The saved table may be lost, and is believed only by path, inode, size and mtime.
 */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { tryLock } from '../../platform/kernel-lock.ts'
import { type RecordFile, readRecords, tableLock, writeRecords } from '../../platform/record-file.ts'
import { inSlices } from '../../platform/slices.ts'
import { someAtOnce } from '../../util/some-at-once.ts'
import type { ListedModel } from '../provider.ts'
import { scanLibrary } from './library.ts'
import { type HeaderFacts, type LibraryFile, listedAs, readFacts } from './model-file.ts'

export interface KnownHeaders {
  /** Every model with what its header says. What is taken away meanwhile is left out. */
  list(): Promise<readonly ListedModel[]>
  close(): Promise<void>
}

const text = z.string().max(300).optional()
const saved = z.object({
  name: z.string().max(600),
  ino: z.number(),
  bytes: z.number(),
  mtimeMs: z.number(),
  facts: z.object({
    architecture: text,
    name: text,
    quantization: text,
    contextLength: z.number().optional(),
    parameters: text,
    pooling: z.boolean().optional(),
  }),
})
type Saved = z.infer<typeof saved>

/** Headers read at once: each may take a few MiB while it is read. */
const headersAtOnce = 4
const maxSaved = 20_000
/** So few are read as quickly as a table of them. */
const worthSaving = 64

export function createKnownHeaders(library: string, log: (message: string, error?: unknown) => void): KnownHeaders {
  const known = new Map<string, Saved>()
  const listed = new WeakMap<readonly LibraryFile[], Promise<readonly ListedModel[]>>()
  let loading: Promise<void> | undefined
  let saving: Promise<void> = Promise.resolve()
  let unsaved = 0

  const load = async (): Promise<void> => {
    const { records } = await readRecords(fileIn(library))
    const pause = inSlices()
    for (const record of records) {
      known.set(record.name, record)
      await pause()
    }
  }
  const factsOf = async (file: LibraryFile): Promise<HeaderFacts | undefined> => {
    const state = stateOf(file)
    const before = known.get(file.name)
    if (before && before.ino === state.ino && before.bytes === state.bytes && before.mtimeMs === state.mtimeMs) return before.facts
    const facts = await readFacts(file)
    if (!facts) return undefined
    known.set(file.name, { name: file.name, ...state, facts })
    unsaved += 1
    return facts
  }
  const saveSoon = (files: readonly LibraryFile[]): void => {
    unsaved = 0
    saving = saving
      .then(() => save(library, files, known))
      .catch((error: unknown) => log('The headers of the library are not saved', error))
  }
  const describe = async (files: readonly LibraryFile[]): Promise<readonly ListedModel[]> => {
    loading ??= load()
    await loading
    const pause = inSlices()
    const models = await someAtOnce(files, headersAtOnce, async (file) => {
      const facts = await factsOf(file)
      await pause()
      return facts && listedAs(file, facts)
    })
    if (known.size > files.length + maxSaved) known.clear()
    if (unsaved >= worthSaving) saveSoon(files)
    return models.filter((one) => one !== undefined)
  }
  return {
    async list() {
      const files = await scanLibrary(library)
      const work = listed.get(files) ?? describe(files)
      listed.set(files, work)
      work.catch(() => listed.delete(files))
      return work
    },
    close: () => saving,
  }
}

const fileIn = (library: string): RecordFile<Saved> => ({
  path: join(library, '.modelyard/headers.json'),
  schema: saved,
  maxRecords: maxSaved,
  maxBytes: 2 ** 25,
})

/** The header is in the first of its parts. */
function stateOf({ parts }: LibraryFile): Pick<Saved, 'ino' | 'bytes' | 'mtimeMs'> {
  const { ino = 0, bytes = 0, mtimeMs = 0 } = parts[0] ?? {}
  return { ino, bytes, mtimeMs }
}

/** Only what is there still; only where the library keeps such things; left to somebody else who is at it. */
async function save(library: string, files: readonly LibraryFile[], known: ReadonlyMap<string, Saved>): Promise<void> {
  const folder = join(library, '.modelyard')
  if (!(await lstat(folder).catch(() => undefined))?.isDirectory()) return
  const lock = await tryLock(folder, tableLock)
  if (!lock) return
  try {
    await writeRecords(
      fileIn(library),
      files.flatMap(({ name }) => known.get(name) ?? []),
    )
  } finally {
    await lock.release()
  }
}
