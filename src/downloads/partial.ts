/**
 * A partial and its journal on the disk: opened, written, marked durable, checked. Never through a symbolic link.
 * Reading and writing are synchronous: a thread of its own does nothing else.
 */
import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, lstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import {
  blockBytes,
  bytesOf,
  decodeJournal,
  encodeHeader,
  encodePin,
  encodeRecord,
  type JournalState,
  kinds,
  recordsBefore,
  sizeOfBlock,
} from './journal.ts'
import { createMarks, type MarkEvery } from './marks.ts'

export interface Partial {
  readonly path: string
  /** Blocks that lie here, with their CRC-32. */
  readonly blocks: ReadonlyMap<number, number>
  /** Which object they are from. */
  readonly pin: string | undefined
  bytesDone(): number
  /** Its name still leads to what is written. */
  there(): boolean
  setPin(pin: string): void
  /** Data first, then its record: what the journal tells is there. */
  write(block: number, data: Buffer): void
  /** Blocks whose bytes on the disk are not those that were written; they are given up. */
  sweep(signal?: AbortSignal): Promise<readonly number[]>
  /** Gives all blocks up. */
  reset(): void
  /** Everything so far outlives a loss of power. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface PartialOptions extends MarkEvery {
  /** What a test can make fail. */
  readonly write?: typeof writeSync
}

export const partPath = (folder: string, sha256: string): string => join(folder, `${sha256}.part`)
export const journalPath = (folder: string, sha256: string): string => `${partPath(folder, sha256)}.journal`

const openFlags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
const dataSync = promisify(fdatasync)

/** The folder is there: its lock is held. */
export async function openPartial(
  folder: string,
  { sha256, bytes }: { sha256: string; bytes: number },
  { write = writeSync, ...every }: PartialOptions,
): Promise<Partial> {
  const { part, journal, path, close } = openBoth(folder, sha256)
  let blocks = new Map<number, number>()
  let pin: string | undefined
  let end = 0
  let done = 0

  /** At the same place again after a failure: a hole would hide every record behind it. */
  const append = (record: Buffer): void => {
    writeAll(write, journal, record, end)
    end += record.length
  }
  const begin = (): void => {
    blocks.clear()
    pin = undefined
    done = end = 0
    ftruncateSync(journal, 0)
    ftruncateSync(part, bytes)
    append(encodeHeader({ sha256, bytes, boot: bootId() }))
  }
  const giveUp = (block: number): void => {
    if (blocks.delete(block)) done -= sizeOfBlock(block, bytes)
    append(encodeRecord(block, 0, kinds.bad))
  }
  const marks = createMarks(async () => {
    const vouched = recordsBefore(end)
    await dataSync(part)
    append(encodeRecord(vouched, 0, kinds.durable))
    await dataSync(journal)
  }, every)
  const sweep = async (only: readonly number[], signal?: AbortSignal): Promise<readonly number[]> => {
    const bad = await rotten(part, bytes, { blocks, only, signal })
    for (const block of bad) giveUp(block)
    return bad
  }
  const goOn = async (state: JournalState): Promise<void> => {
    blocks = state.blocks
    pin = state.pin
    end = state.goodBytes
    done = bytesOf(blocks.keys(), bytes)
    ftruncateSync(journal, end)
    if (state.header.boot === bootId()) return
    await sweep([...state.unsure.keys()])
    await marks.now()
    writeAll(write, journal, encodeHeader({ sha256, bytes, boot: bootId() }), 0)
  }

  try {
    const found = decodeJournal(readFileSync(journal))
    const ours = found?.header.sha256 === sha256 && found.header.bytes === bytes && fstatSync(part).size === bytes
    if (ours) await goOn(found)
    else begin()
  } catch (error) {
    close()
    throw error
  }
  return {
    path,
    get blocks() {
      return blocks
    },
    get pin() {
      return pin
    },
    bytesDone: () => done,
    there() {
      const named = lstatSync(path, { throwIfNoEntry: false })
      return named?.ino === fstatSync(part).ino
    },
    setPin(next) {
      if (next === pin) return
      append(encodePin(next))
      pin = next
    },
    write(block, data) {
      marks.check()
      writeAll(write, part, data, block * blockBytes)
      const crc = crc32(data)
      append(encodeRecord(block, crc, kinds.written))
      if (!blocks.has(block)) done += data.length
      blocks.set(block, crc)
      marks.wrote(data.length)
    },
    sweep: (signal) => sweep([...blocks.keys()], signal),
    reset: begin,
    sync: marks.now,
    async close() {
      await marks.ended()
      close()
    },
  }
}

/** Of these blocks those whose bytes on the disk are others than were written. */
async function rotten(
  part: number,
  bytes: number,
  { blocks, only, signal }: { blocks: ReadonlyMap<number, number>; only: readonly number[]; signal: AbortSignal | undefined },
): Promise<number[]> {
  const buffer = Buffer.allocUnsafe(blockBytes)
  const bad: number[] = []
  for (const block of only) {
    signal?.throwIfAborted()
    await turn()
    const read = readSync(part, buffer, 0, sizeOfBlock(block, bytes), block * blockBytes)
    if (crc32(buffer.subarray(0, read)) !== blocks.get(block)) bad.push(block)
  }
  return bad
}

function openBoth(folder: string, sha256: string): { part: number; journal: number; path: string; close(): void } {
  const path = partPath(folder, sha256)
  const part = openSync(path, openFlags, 0o600)
  try {
    const journal = openSync(journalPath(folder, sha256), openFlags, 0o600)
    return {
      part,
      journal,
      path,
      close() {
        closeSync(part)
        closeSync(journal)
      },
    }
  } catch (error) {
    closeSync(part)
    throw error
  }
}

function writeAll(write: typeof writeSync, file: number, data: Buffer, at: number): void {
  for (let done = 0; done < data.length; ) done += write(file, data, done, data.length - done, at + done)
}

/** Where the system has no boot id every start of a process counts as another boot: more is checked, nothing is believed wrongly. */
function bootId(): number {
  try {
    return crc32(readFileSync('/proc/sys/kernel/random/boot_id'))
  } catch {
    return process.pid
  }
}
