/** Headers of GGUF files that lie here. */
import { open } from 'node:fs/promises'
import type { ByteSource } from '../util/gguf/byte-source.ts'
import { DamagedHeader } from '../util/gguf/header-reader.ts'
import { type GgufMetadata, readMetadata } from '../util/gguf/metadata.ts'
import { type GgufSummary, readSummary } from '../util/gguf/summary.ts'

/** Undefined for a file that is no GGUF, whose header is damaged or beyond the limits, or that is shorter than its tensors need. */
export const readGgufFile = (path: string): Promise<GgufSummary | undefined> => readFrom(path, readSummary)

/** Undefined for a file that is no GGUF, or whose metadata are damaged or beyond the limits. */
export const readGgufMetadata = (path: string): Promise<GgufMetadata | undefined> => readFrom(path, readMetadata)

async function readFrom<T>(path: string, read: (source: ByteSource) => Promise<T>): Promise<T | undefined> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return await read({
      size,
      async read(position, length) {
        const piece = Buffer.alloc(length)
        const { bytesRead } = await file.read(piece, 0, length, position)
        return piece.subarray(0, bytesRead)
      },
    })
  } catch (error) {
    if (error instanceof DamagedHeader) return undefined
    throw error
  } finally {
    await file.close()
  }
}
