/**
 * Which blocks of a partial lie on the disk, and their CRCs: append-only, so a kill at any instant costs at most the
 * record that was being written. A torn tail is ignored from its first bad record on, and cut off before more is appended.
 *
 * Header (64 bytes): magic 8, version u32, block size u32, size u64, boot id hash u32, SHA-256 32, CRC-32 of all before.
 * Record (16 bytes): what u32, value u32, kind u32, CRC-32 of all before.
 */
import { crc32 } from 'node:zlib'

export const blockBytes = 2 ** 20
export const headerBytes = 64
export const recordBytes = 16
const magic = Buffer.from('MDYPART1')

/**
 * `written`: block and CRC-32 of its data; in the page cache, survives a kill. `durable`: so many records from the first on
 * are true after a loss of power too. `bad`: this block is to be fetched again. `pin`: which object the blocks are from.
 */
export const kinds = { written: 1, durable: 2, bad: 4, pin: 8 } as const

export interface JournalHeader {
  readonly sha256: string
  readonly bytes: number
  /** Of the boot of this machine: after another one only what a marker vouches for is on the disk for sure. */
  readonly boot: number
}

export interface JournalState {
  readonly header: JournalHeader
  /** CRC-32 by block. */
  readonly blocks: Map<number, number>
  /** Blocks that no marker vouches for, with the number of their record. */
  readonly unsure: Map<number, number>
  pin: string | undefined
  /** Where the good part ends. */
  goodBytes: number
}

export function encodeHeader({ sha256, bytes, boot }: JournalHeader): Buffer {
  const header = Buffer.alloc(headerBytes)
  magic.copy(header)
  header.writeUInt32LE(1, 8)
  header.writeUInt32LE(blockBytes, 12)
  header.writeBigUInt64LE(BigInt(bytes), 16)
  header.writeUInt32LE(boot, 24)
  header.write(sha256, 28, 32, 'hex')
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60)
  return header
}

export function encodeRecord(what: number, value: number, kind: number): Buffer {
  const record = Buffer.alloc(recordBytes)
  record.writeUInt32LE(what, 0)
  record.writeUInt32LE(value, 4)
  record.writeUInt32LE(kind, 8)
  record.writeUInt32LE(crc32(record.subarray(0, 12)), 12)
  return record
}

/** Sixteen hex digits. */
export const encodePin = (pin: string): Buffer =>
  encodeRecord(Number.parseInt(pin.slice(0, 8), 16), Number.parseInt(pin.slice(8), 16), kinds.pin)

/** How many records end before this place. */
export const recordsBefore = (at: number): number => (at - headerBytes) / recordBytes

/** Undefined when the header is not one of ours: then nothing is known of the partial. */
export function decodeJournal(data: Buffer): JournalState | undefined {
  if (data.length < headerBytes || !data.subarray(0, 8).equals(magic)) return undefined
  if (data.readUInt32LE(60) !== crc32(data.subarray(0, 60))) return undefined
  if (data.readUInt32LE(8) !== 1 || data.readUInt32LE(12) !== blockBytes) return undefined
  const header = { sha256: data.toString('hex', 28, 60), bytes: Number(data.readBigUInt64LE(16)), boot: data.readUInt32LE(24) }
  const state: JournalState = { header, blocks: new Map(), unsure: new Map(), pin: undefined, goodBytes: headerBytes }
  readRecords(state, data.subarray(headerBytes))
  return state
}

/** What was appended behind the good part; false when it does not go on there. */
export function readRecords(state: JournalState, data: Buffer): boolean {
  for (let at = 0; at + recordBytes <= data.length; at += recordBytes) {
    if (data.readUInt32LE(at + 12) !== crc32(data.subarray(at, at + 12))) return false
    if (!readRecord(state, data.readUInt32LE(at), data.readUInt32LE(at + 4), data.readUInt32LE(at + 8))) return false
    state.goodBytes += recordBytes
  }
  return true
}

function readRecord(state: JournalState, what: number, value: number, kind: number): boolean {
  const { blocks, unsure } = state
  if (kind === kinds.pin) state.pin = hex(what) + hex(value)
  else if (kind === kinds.durable) {
    // In the order of their records: what comes first is the oldest.
    for (const [block, record] of unsure) if (record < what) unsure.delete(block)
  } else if (what * blockBytes >= state.header.bytes) return false
  else {
    blocks.delete(what)
    unsure.delete(what)
    if (kind === kinds.bad) return true
    blocks.set(what, value)
    unsure.set(what, recordsBefore(state.goodBytes))
  }
  return true
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')

export const blockCount = (bytes: number): number => Math.ceil(bytes / blockBytes)
export const sizeOfBlock = (block: number, bytes: number): number => Math.min(blockBytes, bytes - block * blockBytes)

/** What the blocks hold together. */
export function bytesOf(blocks: Iterable<number>, bytes: number): number {
  let sum = 0
  for (const block of blocks) sum += sizeOfBlock(block, bytes)
  return sum
}
