/** A reader of a stream must not see where its bytes were cut. */
import { expect } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'

/** All that the reader made of these pieces. It may throw: the error is then what it made of them. */
export type ReadPieces = (pieces: readonly Uint8Array[]) => unknown

/**
 * Expects the same result wherever the bytes are cut: in two at every position (inside a character, between CR and LF, with
 * nothing in a piece), in pieces of 1, 2, 3 and 7 bytes, and at the given places. Answers with that result.
 */
export async function splitEverywhere(bytes: Uint8Array, read: ReadPieces, places: readonly number[] = []): Promise<unknown> {
  const whole = await settled(read, [bytes])
  for (const edges of allEdges(bytes.length, places)) {
    const made = await settled(read, cut(bytes, edges))
    if (!same(made, whole)) expect(made, `cut at ${edges.slice(0, 5).join(', ')}`).toEqual(whole)
  }
  return whole
}

function* allEdges(length: number, places: readonly number[]): Generator<number[]> {
  for (let at = 0; at <= length; at++) yield [at]
  for (const size of [1, 2, 3, 7]) yield Array.from({ length: Math.floor(length / size) }, (_, index) => (index + 1) * size)
  yield places.map((at) => at % (length + 1)).sort((a, b) => a - b)
}

function cut(bytes: Uint8Array, edges: readonly number[]): Uint8Array[] {
  return [...edges, bytes.length].map((end, index) => Uint8Array.from(bytes.subarray(edges[index - 1] ?? 0, end)))
}

async function settled(read: ReadPieces, pieces: readonly Uint8Array[]): Promise<unknown> {
  try {
    return { made: await read(pieces) }
  } catch (error) {
    if (ModelyardError.is(error)) return { failed: error.code, message: error.message }
    throw error
  }
}

/** `toEqual` takes a thousand times as long, and says more. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
