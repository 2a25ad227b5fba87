/** A journal cut or damaged anywhere tells less, never anything wrong. */
import { expect, it } from 'vitest'
import {
  blockBytes,
  decodeJournal,
  encodeHeader,
  encodePin,
  encodeRecord,
  headerBytes,
  kinds,
  recordBytes,
} from '../../src/downloads/journal.ts'

const header = { sha256: 'ab'.repeat(32), bytes: 6 * 2 ** 30, boot: 7 }
const records = [0, 3, 6000, 2].map((block) => encodeRecord(block, block + 1, kinds.written))
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
  const said = [...records.slice(0, 2), encodeRecord(2, 0, kinds.durable), records[2], encodeRecord(3, 0, kinds.bad)] as Buffer[]
  const state = decodeJournal(Buffer.concat([encodeHeader(header), ...said]))
  expect([[...(state?.blocks.keys() ?? [])], [...(state?.unsure.keys() ?? [])]]).toEqual([[0, 6000], [6000]])
  const behind = encodeRecord(header.bytes / blockBytes, 1, kinds.written)
  expect(decodeJournal(Buffer.concat([encodeHeader(header), behind]))?.blocks.size).toBe(0)
})

it('a marker vouches for as many records as it says, not for what was written while it was made', () => {
  const late = encodeRecord(9, 1, kinds.written)
  const state = decodeJournal(Buffer.concat([encodeHeader(header), ...records, late, encodeRecord(4, 0, kinds.durable)]))
  expect([[...(state?.blocks.keys() ?? [])], [...(state?.unsure.keys() ?? [])]]).toEqual([[0, 3, 6000, 2, 9], [9]])
})

it('keeps which object the blocks are from', () => {
  const pins = ['00c0ffee0badf00d', 'ffffffff00000001'].map(encodePin)
  expect(decodeJournal(Buffer.concat([encodeHeader(header), ...pins]))?.pin).toBe('ffffffff00000001')
})
