/** A partial and its journal on the disk: opened, written, marked durable, checked. Never through a symbolic link. */
import { constants, readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { blockBytes, bytesOf, decodeJournal, encodeHeader, encodeRecord, flags, sizeOfBlock } from './journal.ts'

export interface Partial {
  readonly path: string
  /** Blocks that lie here, with their CRC-32. */
  readonly blocks: ReadonlyMap<number, number>
  bytesDone(): number
  /** Data first, then its record: what the journal tells is there. */
  write(block: number, data: Buffer): Promise<void>
  /** Blocks whose bytes on the disk are not those that were written; they are given up. */
  sweep(only?: Iterable<number>): Promise<readonly number[]>
  /** Gives all blocks up. */
  reset(): Promise<void>
  /** Everything so far outlives a loss of power. */
  sync(): Promise<void>
  close(): Promise<void>
}

export const partPath = (folder: string, sha256: string): string => join(folder, `${sha256}.part`)
export const journalPath = (folder: string, sha256: string): string => `${partPath(folder, sha256)}.journal`

/** Data between two markers. */
const markEveryBytes = 256 * 2 ** 20
const openFlags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

/** The folder is there: its lock is held. */
export async function openPartial(folder: string, { sha256, bytes }: { sha256: string; bytes: number }): Promise<Partial> {
  const path = partPath(folder, sha256)
  const part = await open(path, openFlags, 0o600)
  const journal = await open(journalPath(folder, sha256), openFlags, 0o600).catch(async (error: unknown) => {
    await part.close()
    throw error
  })
  const found = decodeJournal(await journal.readFile())
  const ours = found?.header.sha256 === sha256 && found.header.bytes === bytes && (await part.stat()).size === bytes
  const blocks = ours ? found.blocks : new Map<number, number>()
  let end = ours ? found.goodBytes : 0
  let unmarked = 0

  let turn: Promise<void> = Promise.resolve()
  let done = bytesOf(blocks.keys(), bytes)

  /** One after the other, and again at the same place after a failure: a hole would hide every record behind it. */
  const append = (record: Buffer): Promise<void> => {
    const mine = turn.then(async () => {
      await writeAll(journal, record, end)
      end += record.length
    })
    turn = mine.catch(() => undefined)
    return mine
  }
  const start = async (): Promise<void> => {
    blocks.clear()
    done = 0
    end = 0
    await journal.truncate(0)
    await part.truncate(bytes)
    await append(encodeHeader({ sha256, bytes, boot: bootId() }))
  }
  const partial: Partial = {
    path,
    blocks,
    bytesDone: () => done,
    async write(block, data) {
      await writeAll(part, data, block * blockBytes)
      const crc = crc32(data)
      await append(encodeRecord(block, crc, flags.written))
      if (!blocks.has(block)) done += data.length
      blocks.set(block, crc)
      unmarked += data.length
      if (unmarked >= markEveryBytes) await partial.sync()
    },
    async sweep(only = [...blocks.keys()]) {
      const bad: number[] = []
      for (const block of only) {
        const crc = blocks.get(block)
        if (crc === undefined || (await crcOf(part, block, bytes)) === crc) continue
        bad.push(block)
        blocks.delete(block)
        done -= sizeOfBlock(block, bytes)
        await append(encodeRecord(block, 0, flags.bad))
      }
      return bad
    },
    reset: start,
    async sync() {
      unmarked = 0
      const before = new Map(blocks)
      await part.datasync()
      // A marker vouches for all records before it, so what was written meanwhile is told again after it.
      await append(encodeRecord(0, 0, flags.durable))
      for (const [block, crc] of blocks) if (before.get(block) !== crc) await append(encodeRecord(block, crc, flags.written))
      await journal.datasync()
    },
    async close() {
      await part.close()
      await journal.close()
    },
  }
  if (!ours) await start()
  else {
    await journal.truncate(end)
    if (found.header.boot !== bootId()) {
      await partial.sweep([...found.unsure])
      await writeAll(journal, encodeHeader({ sha256, bytes, boot: bootId() }), 0)
      await partial.sync()
    }
  }
  return partial
}

async function crcOf(file: FileHandle, block: number, bytes: number): Promise<number> {
  const data = Buffer.allocUnsafe(sizeOfBlock(block, bytes))
  const { bytesRead } = await file.read(data, 0, data.length, block * blockBytes)
  return crc32(data.subarray(0, bytesRead))
}

async function writeAll(file: FileHandle, data: Buffer, at: number): Promise<void> {
  for (let done = 0; done < data.length; ) done += (await file.write(data, done, data.length - done, at + done)).bytesWritten
}

/** Where the system has no boot id every start of a process counts as another boot: more is checked, nothing is believed wrongly. */
function bootId(): number {
  try {
    return crc32(readFileSync('/proc/sys/kernel/random/boot_id'))
  } catch {
    return process.pid
  }
}
