/** Headers that anybody wrote: each impossible thing is told, nothing is taken into memory for a promise. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { encodeGguf, type GgufValue } from '../../../src/testing/gguf/write-gguf.ts'
import { type ByteSource, memorySource } from '../../../src/util/gguf/byte-source.ts'
import { DamagedHeader, maxHeaderBytes } from '../../../src/util/gguf/header-reader.ts'
import { readMetadata } from '../../../src/util/gguf/metadata.ts'
import { readSummary } from '../../../src/util/gguf/summary.ts'
import { RawHeader, typeNumber } from './support.ts'

const { u8, u32, string, array, u64 } = typeNumber
const huge = 2n ** 63n
const whole = tinyGguf()
/** Where the tensors begin: what is before is the header. */
const headerBytes = Buffer.from(whole).indexOf('blk.1.ffn_down.weight') + 21 + 4 + 16 + 4 + 8

const tensor = (
  change: Partial<{ name: string; dimensions: number; sizes: readonly (number | bigint)[]; type: number; offset: number | bigint }>,
) => {
  const { name = 'a', sizes = [32], dimensions = sizes.length, type = 0, offset = 0 } = change
  const header = new RawHeader(1, 0).text(name).u32(dimensions)
  for (const size of sizes) header.u64(size)
  return header.u32(type).u64(offset).raw(Buffer.alloc(1024)).bytes()
}

describe('impossible', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing at all', new Uint8Array(0), /ends/],
    ['another kind of file', Buffer.from('<!doctype html><title>Sign in</title>'), /GGUF/],
    ['version of the other byte order', Buffer.concat([Buffer.from('GGUF'), Buffer.from([0, 0, 0, 3]), Buffer.alloc(64)]), /version/],
    ['version 1', new RawHeader(1, 1, 1).bytes(), /version is 1/],
    ['no keys and no tensors', new RawHeader(0, 0).bytes(), /nothing in it/],
    ['count of tensors', new RawHeader(huge, 1).bytes(), /tensors/],
    ['count of keys', new RawHeader(1, huge).bytes(), /keys/],
    ['count of keys that are not there', new RawHeader(1, 4096).bytes(), /ends/],
    ['length of a key', new RawHeader(0, 1).u64(huge).bytes(), /a key/],
    ['length of a text', new RawHeader(0, 1).text('k').u32(string).u64(huge).bytes(), /a text/],
    ['length of a text behind the end', new RawHeader(0, 1).text('k').u32(string).u64(1000).bytes(), /ends/],
    ['type', new RawHeader(0, 1).text('k').u32(13).u64(1).bytes(), /unknown type 13/],
    ['type of an array', new RawHeader(0, 1).text('k').u32(array).u32(77).u64(1).bytes(), /unknown type 77/],
    ['length of an array', new RawHeader(0, 1).text('k').u32(array).u32(u8).u64(huge).bytes(), /length of an array/],
    ['length of an array behind the end', new RawHeader(0, 1).text('k').u32(array).u32(u64).u64(4e6).bytes(), /ends/],
    ['texts of an array', new RawHeader(0, 1).text('k').u32(array).u32(string).u64(1000).u64(huge).bytes(), /a text/],
    ['texts of an array behind the end', new RawHeader(0, 1).text('k').u32(array).u32(string).u64(3e7).text('a').bytes(), /ends/],
    ['depth', new RawHeader(0, 1).text('k').u32(array).u32(array).u64(1).u32(array).u64(1).bytes(), /array of arrays/],
    ['key twice', new RawHeader(0, 2).text('k').u32(u32).u32(1).text('k').u32(u32).u32(2).bytes(), /twice/],
    ['alignment 0', new RawHeader(0, 1).text('general.alignment').u32(u32).u32(0).bytes(), /alignment/],
    ['alignment 48', new RawHeader(0, 1).text('general.alignment').u32(u32).u32(48).bytes(), /alignment/],
    ['alignment in words', new RawHeader(0, 1).text('general.alignment').u32(string).text('x').bytes(), /alignment/],
    ['name of a tensor', tensor({ name: 'n'.repeat(1025) }), /name of a tensor/],
    ['dimensions', tensor({ dimensions: 2 ** 31 }), /dimensions/],
    ['size of a tensor', tensor({ sizes: [huge] }), /size of a tensor/],
    ['sizes of a tensor together', tensor({ sizes: [2 ** 40, 2 ** 40] }), /more values/],
    ['place of a tensor', tensor({ offset: huge }), /place of a tensor/],
    ['place of a tensor between two', tensor({ offset: 7 }), /no multiple/],
    ['place of a tensor behind the end', tensor({ offset: 2 ** 20 }), /reach to/],
    ['tensor longer than the file', tensor({ sizes: [1000] }), /reach to/],
    ['quantized tensor longer than the file', tensor({ sizes: [256, 8], type: 12 }), /reach to/],
    ['tensor of an unknown type behind the end', tensor({ type: 999, offset: 2 ** 20 }), /reach to/],
  ])('%s', async (_, bytes, why) => {
    const failed = await readSummary(memorySource(bytes)).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(DamagedHeader)
    expect(String(failed)).toMatch(why)
  })

  it('shard: a number that is none of the set is not believed', async () => {
    const metadata: Record<string, GgufValue> = { 'split.no': { type: 'u32', value: 3 }, 'split.count': { type: 'u32', value: 3 } }
    expect(await readSummary(memorySource(encodeGguf({ metadata, tensors: [] })))).toEqual({ role: 'other' })
  })
})

describe('cut', () => {
  it('at every byte of its header', async () => {
    for (let length = 0; length < headerBytes; length += 1)
      await expect(readSummary(memorySource(whole.subarray(0, length)))).rejects.toBeInstanceOf(DamagedHeader)
  })

  it('at any byte of its data: the tensors do not fit', async () => {
    const cut = fc.integer({ min: headerBytes, max: whole.length - 1 })
    await fc.assert(
      fc.asyncProperty(cut, async (length) => {
        await expect(readSummary(memorySource(whole.subarray(0, length)))).rejects.toBeInstanceOf(DamagedHeader)
      }),
      { numRuns: 100, seed: 1 },
    )
    await expect(readSummary(memorySource(whole.subarray(0, whole.length - 1)))).rejects.toThrow(/reach to/)
    expect(await readSummary(memorySource(whole))).toMatchObject({ architecture: 'llama' })
  })

  it('or with any bytes changed it is read or refused, never anything else', async () => {
    const changes = fc.array(fc.tuple(fc.nat(headerBytes - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = whole.slice()
        for (const [at, value] of list) bytes[at] = value
        const read = await readSummary(memorySource(bytes)).catch((error: unknown) => error)
        if (read instanceof Error) expect(read).toBeInstanceOf(DamagedHeader)
      }),
      { numRuns: 500, seed: 2 },
    )
  })
})

describe('what is read', () => {
  it('keys that are traps are only words', async () => {
    const header = new RawHeader(0, 2).text('__proto__').u32(string).text('a').text('constructor').u32(string).text('b')
    const metadata = await readMetadata(memorySource(header.bytes()))
    expect([metadata.get('__proto__'), metadata.get('constructor')]).toEqual(['a', 'b'])
    expect(({} as Record<string, unknown>).a).toBeUndefined()
  })

  it('is never more than a header may have, whatever it promises', async () => {
    let read = 0
    const endless: ByteSource = {
      read: async (position, length) => {
        read += length
        const bytes = new Uint8Array(length)
        // An array of empty texts that goes on for ever.
        const start = new RawHeader(0, 1).text('k').u32(array).u32(string).u64(maxHeaderBytes).bytes()
        if (position < start.length) bytes.set(start.subarray(position, position + length))
        return bytes
      },
    }
    await expect(readMetadata(endless)).rejects.toThrow(/longer than/)
    expect(read).toBeLessThanOrEqual(maxHeaderBytes + 2 ** 20)
  })

  it('is kept within 4 MiB: texts beyond are only counted, keys beyond are refused', async () => {
    const texts = new RawHeader(0, 60)
    for (let index = 0; index < 60; index += 1) texts.text(`k${index}`).u32(string).text('x'.repeat(100_000))
    const metadata = await readMetadata(memorySource(texts.bytes()))
    const kept = [...metadata.values()].filter((one) => typeof one === 'string')
    expect([kept.length, metadata.get('k59')]).toEqual([41, { count: 100_000 }])
    const keys = new RawHeader(0, 100)
    for (let index = 0; index < 100; index += 1) keys.text(`${index}`.padEnd(60_000, 'k')).u32(u32).u32(1)
    await expect(readMetadata(memorySource(keys.bytes()))).rejects.toThrow(/keys/)
  })

  it.each(['texts', 'short texts', 'words', 'long words', 'tensors'])('takes less than 64 MiB for endless %s', async (kind) => {
    const program = join(import.meta.dirname, 'fixtures/read-hostile.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, kind])
    const { said, grew } = JSON.parse(stdout) as { said: string; grew: number }
    expect(said).toMatch(/longer than/)
    expect(grew).toBeLessThan(64 * 2 ** 20)
  })

  it('comes in pieces of any length', async () => {
    const expected = await readMetadata(memorySource(whole))
    const bits: ByteSource = { read: async (position) => whole.subarray(position, position + 1 + (position % 7)) }
    expect(await readMetadata(bits)).toEqual(expected)
    expect((await readSummary(bits)).parameters).toBe((await readSummary(memorySource(whole))).parameters)
  })
})
