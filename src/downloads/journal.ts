/**
 * Which blocks of a partial lie on the disk, and their CRCs: append-only, so a kill at any instant costs at most the
 * record that was being written. A torn tail is ignored from its first bad record on, and cut off before more is appended.
 *
 * Header (64 bytes): magic 8, version u32, block size u32, size u64, boot id hash u32, SHA-256 32, CRC-32 of all before.
 * Record (16 bytes): block u32, CRC-32 of its data u32, flags u32, CRC-32 of all before.
 */
import { crc32 } from 'node:zlib'

export const blockBytes = 2 ** 20
export const headerBytes = 64
export const recordBytes = 16
const magic = Buffer.from('MDYPART1')

/** `written`: in the page cache, survives a kill. `durable`: a marker, everything before it is on the disk. `bad`: fetch it again. */
export const flags = { written: 1, durable: 2, bad: 4 } as const

export interface JournalHeader {
  readonly sha256: string
  readonly bytes: number
  /** Of the boot of this machine: after another one only what is before the last marker is on the disk for sure. */
  readonly boot: number
}

export interface JournalState {
  readonly header: JournalHeader
  /** CRC-32 by block. */
  readonly blocks: Map<number, number>
  /** Written after the last marker. */
  readonly unsure: Set<number>
  /** Where the good part ends. */
  readonly goodBytes: number
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

export function encodeRecord(block: number, crc: number, flag: number): Buffer {
  const record = Buffer.alloc(recordBytes)
  record.writeUInt32LE(block, 0)
  record.writeUInt32LE(crc, 4)
  record.writeUInt32LE(flag, 8)
  record.writeUInt32LE(crc32(record.subarray(0, 12)), 12)
  return record
}

/** Undefined when the header is not one of ours: then nothing is known of the partial. */
export function decodeJournal(data: Buffer): JournalState | undefined {
  if (data.length < headerBytes || !data.subarray(0, 8).equals(magic)) return undefined
  if (data.readUInt32LE(60) !== crc32(data.subarray(0, 60))) return undefined
  if (data.readUInt32LE(8) !== 1 || data.readUInt32LE(12) !== blockBytes) return undefined
  const bytes = Number(data.readBigUInt64LE(16))
  const header = { sha256: data.toString('hex', 28, 60), bytes, boot: data.readUInt32LE(24) }
  const blocks = new Map<number, number>()
  const unsure = new Set<number>()
  let at = headerBytes
  for (; at + recordBytes <= data.length; at += recordBytes) {
    if (data.readUInt32LE(at + 12) !== crc32(data.subarray(at, at + 12))) break
    const [block, crc, flag] = [data.readUInt32LE(at), data.readUInt32LE(at + 4), data.readUInt32LE(at + 8)]
    if (flag === flags.durable) unsure.clear()
    else if (flag === flags.bad) blocks.delete(block)
    else if (block * blockBytes >= bytes) break
    else {
      blocks.set(block, crc)
      unsure.add(block)
    }
  }
  return { header, blocks, unsure, goodBytes: at }
}

export const blockCount = (bytes: number): number => Math.ceil(bytes / blockBytes)
export const sizeOfBlock = (block: number, bytes: number): number => Math.min(blockBytes, bytes - block * blockBytes)

/** What the blocks hold together. */
export function bytesOf(blocks: Iterable<number>, bytes: number): number {
  let sum = 0
  for (const block of blocks) sum += sizeOfBlock(block, bytes)
  return sum
}
