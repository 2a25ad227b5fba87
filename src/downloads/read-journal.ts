/** What a journal tells to whoever does not write it: how much lies here, and how far another process has come. */
import { type FileHandle, open } from 'node:fs/promises'
import { bytesOf, decodeJournal, headerBytes, type JournalState, readRecords, recordBytes } from './journal.ts'
import { journalPath } from './partial.ts'

/** In pieces, so that a long one holds nobody up. */
const pieceBytes = 2048 * recordBytes

/** Bytes that lie here already, by the journal. */
export async function bytesByJournal(folder: string, sha256: string): Promise<number> {
  const state = await readOn(folder, sha256, undefined)
  return state ? bytesOf(state.blocks.keys(), state.header.bytes) : 0
}

/** Tells until it is stopped, every so often, when it changed. */
export function followJournal(folder: string, sha256: string, everyMs: number, onBytes: (bytes: number) => void): () => void {
  let state: JournalState | undefined
  let told: number | undefined
  let stopped = false
  const look = async (): Promise<void> => {
    state = await readOn(folder, sha256, state)
    const bytes = state ? bytesOf(state.blocks.keys(), state.header.bytes) : 0
    if (!stopped && bytes !== told) onBytes(bytes)
    told = bytes
    if (!stopped) timer = setTimeout(() => void look().catch(() => undefined), everyMs)
  }
  let timer: NodeJS.Timeout | undefined
  void look().catch(() => undefined)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

/** Only what is new, as long as it is the same journal. */
async function readOn(folder: string, sha256: string, known: JournalState | undefined): Promise<JournalState | undefined> {
  const file = await open(journalPath(folder, sha256)).catch(() => undefined)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    const state = known && size >= known.goodBytes ? known : decodeJournal(await piece(file, 0, headerBytes))
    if (!state) return undefined
    while (state.goodBytes + recordBytes <= size) {
      if (!readRecords(state, await piece(file, state.goodBytes, Math.min(pieceBytes, size - state.goodBytes)))) break
    }
    return state
  } finally {
    await file.close()
  }
}

async function piece(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at)
  return buffer.subarray(0, bytesRead)
}
