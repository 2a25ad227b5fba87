/** Files of every awkward size. */
import { mkdir, open, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import type { DownloadProgress } from '../../src/downloads/downloads.ts'
import { blockBytes, encodeHeader, encodeRecord, kinds } from '../../src/downloads/journal.ts'
import { journalPath, partPath } from '../../src/downloads/partial.ts'
import { cdnSha256 } from '../../src/testing/index.ts'
import { hashOf, setUp } from './support/subject.ts'

it.each([0, 1, 3, 4, blockBytes - 1, blockBytes, blockBytes + 1, 4 * blockBytes])('%i bytes', async (bytes) => {
  const { cdn, get, downloads } = await setUp({ bytes })
  const { path } = await get()
  expect(await hashOf(path)).toBe(cdnSha256(bytes))
  expect([cdn.bytesServed, await downloads.have(cdnSha256(bytes))]).toEqual([bytes, bytes])
})

it('more than 4 GiB: what is missing on both sides of that is asked for, and put, where it belongs', async () => {
  const bytes = 2 ** 32 + 3 * blockBytes + 5
  const sha256 = 'e'.repeat(64)
  const fill = (block: number): number => (block % 251) + 1
  const content = (start: number, end: number): Buffer => {
    const piece = Buffer.alloc(end - start)
    for (let at = start; at < end; at += blockBytes) piece.fill(fill(at / blockBytes), at - start)
    if (start === 0) piece.write('GGUF')
    return piece
  }
  const { cdn, downloads, file, folder } = await setUp({ bytes, content })
  const missing = [0, 4094, 4095, 4096, 4097, 4099]
  const there = Array.from({ length: 4100 }, (_, block) => block).filter((block) => !missing.includes(block))
  const records = [...there.map((block) => encodeRecord(block, 0, kinds.written)), encodeRecord(there.length, 0, kinds.durable)]
  await mkdir(folder, { recursive: true })
  const part = await open(partPath(folder, sha256), 'w+')
  await part.truncate(bytes)
  await writeFile(journalPath(folder, sha256), Buffer.concat([encodeHeader({ sha256, bytes, boot: 0 }), ...records]))
  // Hashing what was never fetched would take long and tell nothing.
  const enough = new AbortController()
  const onProgress = ({ bytesDone }: DownloadProgress): void => void (bytesDone === bytes && enough.abort())
  await expect(downloads.fetch(file({ sha256, gguf: true }), { signal: enough.signal, onProgress })).rejects.toMatchObject({
    code: 'cancelled',
  })
  const read = async (block: number): Promise<number | undefined> => {
    const { buffer, bytesRead } = await part.read(Buffer.alloc(1), 0, 1, Math.min(bytes - 1, (block + 1) * blockBytes - 1))
    return bytesRead === 1 ? buffer[0] : undefined
  }
  expect(await Promise.all(missing.map(read))).toEqual(missing.map(fill))
  expect([await read(4093), await read(4098)]).toEqual([0, 0])
  expect([cdn.bytesServed, await downloads.have(sha256)]).toEqual([5 * blockBytes + 5, bytes])
  await part.close()
})
