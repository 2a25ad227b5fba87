/**
 * The metadata of a GGUF file, read with limits: it can be anybody's. Counts, lengths and nesting are bounded before
 * memory is taken, keys go into a Map, long arrays are passed over. Source: docs/gguf.md of ggml.
 */

import type { ByteSource } from './byte-source.ts'
import { createHeaderReader, DamagedHeader, type HeaderReader, maxHeaderBytes, maxStringBytes } from './header-reader.ts'

export type GgufScalar = string | number | boolean
/** Of an array, and of a text too long to keep, only its length is known. */
export type GgufMetadata = ReadonlyMap<string, GgufScalar | { readonly count: number }>

export interface MetadataOptions {
  /** What follows from this key on is not wanted, and not read. */
  readonly until?: ((key: string) => boolean) | undefined
}

export interface OpenedHeader {
  readonly metadata: GgufMetadata
  readonly tensors: number
  /** Stands behind the metadata, unless `until` ended it before. */
  readonly reader: HeaderReader
}

const maxKeys = 4096
const maxTensors = 1_000_000
const maxKeyBytes = 65_535
/** Longer than any name or template: nobody needs it. */
const maxKeptBytes = 100_000
/** Keys and texts of one header together. */
const maxKeptTogether = 4 * 2 ** 20

/** Bytes of the scalar types by number. */
const sizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 }
const typeString = 8
const typeArray = 9
const utf8 = new TextDecoder()

/** Throws `DamagedHeader`, and what the source throws. */
export async function readMetadata(source: ByteSource, options: MetadataOptions = {}): Promise<GgufMetadata> {
  return (await openHeader(source, options)).metadata
}

export async function openHeader(source: ByteSource, { until }: MetadataOptions = {}): Promise<OpenedHeader> {
  const reader = createHeaderReader(source)
  if (utf8.decode(await reader.take(4)) !== 'GGUF') throw new DamagedHeader('it does not begin with "GGUF"')
  const version = await reader.u32()
  if (version !== 2 && version !== 3) throw new DamagedHeader(`its version is ${version}, expected 2 or 3`)
  const tensors = await reader.count(maxTensors, 'its tensors')
  const keys = await reader.count(maxKeys, 'its keys')
  if (tensors === 0 && keys === 0) throw new DamagedHeader('there is nothing in it')
  const metadata = new Map<string, GgufScalar | { count: number }>()
  const budget = { left: maxKeptTogether }
  for (let index = 0; index < keys; index += 1) {
    const length = await reader.count(maxKeyBytes, 'the bytes of a key')
    const key = utf8.decode(await reader.take(length))
    if (until?.(key)) break
    if (metadata.has(key)) throw new DamagedHeader('it has a key twice')
    budget.left -= length
    if (budget.left < 0) throw new DamagedHeader('its keys and texts together are longer than any that are known')
    metadata.set(key, await readValue(reader, budget))
  }
  return { metadata, tensors, reader }
}

interface Budget {
  left: number
}

async function readValue(reader: HeaderReader, budget: Budget): Promise<GgufScalar | { count: number }> {
  const type = await reader.u32()
  if (type === typeString) return readText(reader, budget)
  if (type === typeArray) return skipArray(reader)
  return scalar(await reader.take(sizeOf(type)), type)
}

async function readText(reader: HeaderReader, budget: Budget): Promise<string | { count: number }> {
  const count = await reader.count(maxStringBytes, 'the bytes of a text')
  if (count > maxKeptBytes || count > budget.left) {
    await reader.skip(count)
    return { count }
  }
  budget.left -= count
  return utf8.decode(await reader.take(count))
}

/** Vocabularies are long and nobody needs them here; arrays of arrays are in no model. */
async function skipArray(reader: HeaderReader): Promise<{ count: number }> {
  const type = await reader.u32()
  const count = await reader.count(maxHeaderBytes, 'the length of an array')
  if (type === typeArray) throw new DamagedHeader('it has an array of arrays')
  if (type === typeString) await reader.skipTexts(count)
  else await reader.skip(count * sizeOf(type))
  return { count }
}

function sizeOf(type: number): number {
  const size = sizes[type]
  if (size === undefined) throw new DamagedHeader(`it has a value of the unknown type ${type}`)
  return size
}

const readers: Readonly<Record<number, (view: DataView) => GgufScalar>> = {
  0: (view) => view.getUint8(0),
  1: (view) => view.getInt8(0),
  2: (view) => view.getUint16(0, true),
  3: (view) => view.getInt16(0, true),
  4: (view) => view.getUint32(0, true),
  5: (view) => view.getInt32(0, true),
  6: (view) => view.getFloat32(0, true),
  7: (view) => view.getUint8(0) !== 0,
  10: (view) => Number(view.getBigUint64(0, true)),
  11: (view) => Number(view.getBigInt64(0, true)),
  12: (view) => view.getFloat64(0, true),
}

function scalar(bytes: Uint8Array, type: number): GgufScalar {
  return readers[type]?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? 0
}
