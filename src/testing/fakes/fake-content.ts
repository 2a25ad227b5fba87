/** Bytes of files that need no room: what stands at an offset follows from the offset, so that any range can be made at once. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, openSync, readSync, statSync } from 'node:fs'

export interface FakeContent {
  readonly bytes: number
  read(start: number, end: number): Buffer
  sha256(): Promise<string>
}

/** Given bytes, or a file that lies somewhere. */
export type FakeBytes = Uint8Array | { readonly file: string }

const stride = 65_536
const magic = Buffer.from('GGUF')
/** Every stride of a generated file begins with its own number, so that none is taken for another. */
const stampBytes = 8

const pattern = Buffer.allocUnsafe(stride)
for (let at = 0; at < stride; at += 1) pattern[at] = (Math.imul(at ^ (at >>> 11), 0x9e3779b1) >>> 24) & 0xff

/** Begins with `GGUF`; the same for the same offsets, whatever the size. */
export function cdnBytes(start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, end - start))
  for (let at = start; at < end; at = nextStride(at)) {
    const from = at % stride
    pattern.copy(bytes, at - start, from, Math.min(stride, from + end - at))
    if (from < stampBytes) stampOf(Math.floor(at / stride)).copy(bytes, at - start, from, Math.min(stampBytes, from + end - at))
  }
  return bytes
}

const nextStride = (at: number): number => (Math.floor(at / stride) + 1) * stride

function stampOf(index: number): Buffer {
  const stamp = Buffer.alloc(stampBytes)
  if (index === 0) magic.copy(stamp)
  else stamp.writeDoubleLE(index)
  return stamp
}

const known = new Map<number, string>()
const hashedAtOnce = 2 ** 20

/** Of a generated file of this size; for one of many gigabytes it takes its time. */
export function cdnSha256(bytes: number): string {
  const found = known.get(bytes)
  if (found !== undefined) return found
  const hash = createHash('sha256')
  for (let at = 0; at < bytes; at += hashedAtOnce) hash.update(cdnBytes(at, Math.min(bytes, at + hashedAtOnce)))
  const digest = hash.digest('hex')
  known.set(bytes, digest)
  return digest
}

export const generatedContent = (bytes: number): FakeContent => ({
  bytes,
  read: (start, end) => cdnBytes(start, Math.min(end, bytes)),
  sha256: async () => cdnSha256(bytes),
})

export function givenContent(given: FakeBytes): FakeContent {
  if (!(given instanceof Uint8Array)) return fileContent(given.file)
  const whole = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  return {
    bytes: whole.length,
    read: (start, end) => whole.subarray(start, end),
    sha256: async () => createHash('sha256').update(whole).digest('hex'),
  }
}

function fileContent(path: string): FakeContent {
  const { size } = statSync(path)
  let file: number | undefined
  return {
    bytes: size,
    read(start, end) {
      file ??= openSync(path, 'r')
      const bytes = Buffer.allocUnsafe(Math.min(end, size) - start)
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start))
    },
    async sha256() {
      const hash = createHash('sha256')
      await once(
        createReadStream(path).on('data', (piece) => hash.update(piece)),
        'end',
      )
      return hash.digest('hex')
    },
  }
}
