import { createHash } from 'node:crypto'
import type { FakeModel } from './fake-models.ts'

const usualLength = 64

/** A unit vector that is always the same for the same words of the same model. */
export function vectorOf(model: FakeModel, text: string, length = usualLength): number[] {
  const numbers = Array.from({ length }, (_, at) => createHash('sha256').update(`${model.name}\0${at}\0${text}`).digest().readInt16BE(0))
  const norm = Math.hypot(...numbers)
  return numbers.map((one) => one / norm)
}

/** Of a request: a text or several. */
export const textsIn = (input: unknown): string[] => (typeof input === 'string' ? [input] : Array.isArray(input) ? input.map(String) : [])

/** About four letters a token. */
export const tokensIn = (text: string): number => Math.ceil(text.length / 4)
