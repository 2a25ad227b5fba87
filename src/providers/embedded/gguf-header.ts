/**
 * The metadata of a GGUF file, read with limits: a file in the library can be anybody's. Counts, lengths and nesting
 * are bounded before memory is taken, keys go into a Map, long arrays are skipped. Source: docs/gguf.md of ggml.
 */
import { type FileHandle, open } from 'node:fs/promises'

export type GgufScalar = string | number | boolean
export type GgufMetadata = ReadonlyMap<string, GgufScalar | { readonly count: number }>

const maxHeaderBytes = 32 * 2 ** 20
const maxKeys = 4096
const maxTensors = 1_000_000
const maxKeyBytes = 65_535
const maxStringBytes = 2 ** 20
const maxKeptBytes = 100_000
const pieceBytes = 256 * 1024

/** Bytes of the scalar types by number; 8 is a string, 9 an array. */
const sizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 }
const typeString = 8
const typeArray = 9

/** Undefined for a file that is no GGUF, or whose header is damaged or beyond the limits. */
export async function readGgufMetadata(path: string): Promise<GgufMetadata | undefined> {
  const file = await open(path, 'r')
  try {
    return await readHeader(createReader(file))
  } catch (error) {
    if (error instanceof Damaged) return undefined
    throw error
  } finally {
    await file.close()
  }
}

class Damaged extends Error {}

async function readHeader(reader: Reader): Promise<GgufMetadata> {
  if ((await reader.take(4)).toString('latin1') !== 'GGUF') throw new Damaged('magic')
  const version = (await reader.take(4)).readUInt32LE(0)
  if (version !== 2 && version !== 3) throw new Damaged('version')
  const tensors = await reader.count(maxTensors)
  const keys = await reader.count(maxKeys)
  if (tensors === 0 && keys === 0) throw new Damaged('empty')
  const metadata = new Map<string, GgufScalar | { count: number }>()
  for (let index = 0; index < keys; index += 1) {
    const key = (await reader.take(await reader.count(maxKeyBytes))).toString('utf8')
    metadata.set(key, await readValue(reader, (await reader.take(4)).readUInt32LE(0)))
  }
  return metadata
}

async function readValue(reader: Reader, type: number): Promise<GgufScalar | { count: number }> {
  if (type === typeString) return readText(reader)
  if (type === typeArray) return skipArray(reader)
  return scalar(await reader.take(sizeOf(type)), type)
}

/** Longer than any name or template: nobody needs it, so it is not kept. */
async function readText(reader: Reader): Promise<string | { count: number }> {
  const count = await reader.count(maxStringBytes)
  if (count <= maxKeptBytes) return (await reader.take(count)).toString('utf8')
  await reader.skip(count)
  return { count }
}

function sizeOf(type: number): number {
  const size = sizes[type]
  if (size === undefined) throw new Damaged('type')
  return size
}

function scalar(bytes: Buffer, type: number): GgufScalar {
  switch (type) {
    case 0:
      return bytes.readUInt8(0)
    case 1:
      return bytes.readInt8(0)
    case 2:
      return bytes.readUInt16LE(0)
    case 3:
      return bytes.readInt16LE(0)
    case 4:
      return bytes.readUInt32LE(0)
    case 5:
      return bytes.readInt32LE(0)
    case 6:
      return bytes.readFloatLE(0)
    case 7:
      return bytes.readUInt8(0) !== 0
    case 10:
      return Number(bytes.readBigUInt64LE(0))
    case 11:
      return Number(bytes.readBigInt64LE(0))
    default:
      return bytes.readDoubleLE(0)
  }
}

/** Vocabularies are long and nobody needs them here; arrays of arrays are in no model. */
async function skipArray(reader: Reader): Promise<{ count: number }> {
  const type = (await reader.take(4)).readUInt32LE(0)
  const count = await reader.count(maxHeaderBytes)
  if (type === typeArray) throw new Damaged('nested')
  if (type === typeString) await skipTexts(reader, count)
  else await reader.skip(count * sizeOf(type))
  return { count }
}

/** Hundreds of thousands of words: it waits only where the file has to be read on. */
async function skipTexts(reader: Reader, count: number): Promise<void> {
  for (let left = reader.skipHere(count); left > 0; left = reader.skipHere(left - 1)) {
    await reader.skip(await reader.count(maxStringBytes))
  }
}

interface Reader {
  take(bytes: number): Promise<Buffer>
  skip(bytes: number): Promise<void>
  /** A 64-bit count within a limit. */
  count(limit: number): Promise<number>
  /** Goes over texts as far as they have been read; how many are left. */
  skipHere(count: number): number
}

/** Reads on in pieces; never more of the file than a header may have. */
function createReader(file: FileHandle): Reader {
  let buffer: Buffer = Buffer.alloc(0)
  let offset = 0
  let filePosition = 0

  const fill = async (wanted: number): Promise<void> => {
    if (filePosition + wanted > maxHeaderBytes + pieceBytes) throw new Damaged('too long')
    const piece = Buffer.alloc(Math.max(pieceBytes, wanted))
    const { bytesRead } = await file.read(piece, 0, piece.length, filePosition)
    filePosition += bytesRead
    buffer = Buffer.concat([buffer.subarray(offset), piece.subarray(0, bytesRead)])
    offset = 0
    if (bytesRead === 0) throw new Damaged('cut')
  }
  const take = async (bytes: number): Promise<Buffer> => {
    while (buffer.length - offset < bytes) await fill(bytes - (buffer.length - offset))
    offset += bytes
    return buffer.subarray(offset - bytes, offset)
  }
  return {
    take,
    async count(limit) {
      const value = (await take(8)).readBigUInt64LE(0)
      if (value > BigInt(limit)) throw new Damaged('count')
      return Number(value)
    },
    async skip(bytes) {
      const here = Math.min(bytes, buffer.length - offset)
      offset += here
      filePosition += bytes - here
      if (filePosition > maxHeaderBytes) throw new Damaged('too long')
    },
    skipHere(count) {
      let left = count
      for (; left > 0 && buffer.length - offset >= 8; left -= 1) {
        const length = buffer.readUInt32LE(offset)
        if (length > maxStringBytes || buffer.readUInt32LE(offset + 4) !== 0) throw new Damaged('count')
        if (buffer.length - offset - 8 < length) break
        offset += 8 + length
      }
      return left
    },
  }
}
