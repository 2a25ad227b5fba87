/**
 * A saved table that may be lost: JSON with one record a line, so that ten thousand of them are read and written in
 * slices and a damaged line costs itself alone. Replaced whole; never through a symbolic link.
 */
import { constants } from 'node:fs'
import { lstat, open, rm } from 'node:fs/promises'
import type { z } from 'zod'
import { replaceFile } from './atomic-file.ts'
import { inSlices } from './slices.ts'

export interface RecordFile<T> {
  readonly path: string
  readonly schema: z.ZodType<T>
  readonly maxRecords: number
  readonly maxBytes: number
}

export interface ReadRecords<T> {
  readonly records: T[]
  /** Something of it was not understood. */
  readonly damaged: boolean
}

/** Of the folder it lies in: held by whoever writes a table there, or removes what a crash left of writing one. */
export const tableLock = 'index'

const first = '{"version":1,"records":['
const last = ']}'

/** What can be understood of it; nothing where there is no such file. */
export async function readRecords<T>(file: RecordFile<T>): Promise<ReadRecords<T>> {
  const text = await readText(file)
  if (text === undefined || text === '') return { records: [], damaged: text === '' }
  const records: T[] = []
  const pause = inSlices()
  let damaged = !text.startsWith(`${first}\n`) || !text.endsWith(`\n${last}\n`)
  for (let at = text.indexOf('\n') + 1; at > 0 && records.length < file.maxRecords; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? undefined : end)
    at = end + 1
    if (line === last || line === '') continue
    const record = parseLine(file, line)
    if (record === undefined) damaged = true
    else records.push(record)
    await pause()
  }
  return { records, damaged }
}

/** The last of them where there are too many. */
export async function writeRecords<T>(file: RecordFile<T>, records: readonly T[]): Promise<void> {
  const kept = records.slice(-file.maxRecords)
  const parts: string[] = []
  const pause = inSlices()
  for (const [index, record] of kept.entries()) {
    parts.push(`${JSON.stringify(record)}${index < kept.length - 1 ? ',' : ''}\n`)
    await pause()
  }
  if ((await lstat(file.path).catch(() => undefined))?.isSymbolicLink()) await rm(file.path)
  await replaceFile(file.path, `${first}\n${parts.join('')}${last}\n`)
}

/** Undefined when it is not there; empty when it cannot be what we wrote. */
async function readText({ path, maxBytes }: { path: string; maxBytes: number }): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      return found.isFile() && found.size <= maxBytes ? await file.readFile('utf8') : ''
    } finally {
      await file.close()
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : ''
  }
}

function parseLine<T>({ schema }: RecordFile<T>, line: string): T | undefined {
  try {
    const read = schema.safeParse(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line))
    return read.success ? read.data : undefined
  } catch {
    return undefined
  }
}
