/** A journal cut or damaged anywhere tells less, never anything wrong. */
import { expect, it } from 'vitest'
import { blockBytes, decodeJournal, encodeHeader, encodeRecord, flags, headerBytes, recordBytes } from '../../src/downloads/journal.ts'

const header = { sha256: 'ab'.repeat(32), bytes: 6 * 2 ** 30, boot: 7 }
const records = [0, 3, 6000, 2].map((block) => encodeRecord(block, block + 1, flags.written))
const journal = Buffer.concat([encodeHeader(header), ...records])

it('torn at every byte it tells exactly the whole records before', () => {
  for (let length = 0; length <= journal.length; length += 1) {
    const state = decodeJournal(journal.subarray(0, length))
    if (length < headerBytes) expect(state).toBeUndefined()
    else expect([state?.blocks.size, state?.header]).toEqual([Math.floor((length - headerBytes) / recordBytes), header])
  }
})

it('a damaged byte ends what is believed', () => {
  for (let at = 0; at < journal.length; at += 1) {
    const damaged = Buffer.from(journal)
    damaged[at] = (damaged[at] ?? 0) ^ 0x40
    expect(decodeJournal(damaged)?.blocks.size).toBe(at < headerBytes ? undefined : Math.floor((at - headerBytes) / recordBytes))
  }
})

it('a marker vouches for what is before it; a bad block is given up; a block behind the end is not believed', () => {
  const said = [...records.slice(0, 2), encodeRecord(0, 0, flags.durable), records[2], encodeRecord(3, 0, flags.bad)] as Buffer[]
  const state = decodeJournal(Buffer.concat([encodeHeader(header), ...said]))
  expect([[...(state?.blocks.keys() ?? [])], [...(state?.unsure ?? [])]]).toEqual([[0, 6000], [6000]])
  const behind = encodeRecord(header.bytes / blockBytes, 1, flags.written)
  expect(decodeJournal(Buffer.concat([encodeHeader(header), behind]))?.blocks.size).toBe(0)
})
