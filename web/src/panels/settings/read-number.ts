/** What a person typed as a number, as the service wants it, or why it cannot be that. */
import { countText, decimalText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'

export type Read<T> = { readonly value: T } | { readonly fault: string }

export interface NumberRule {
  readonly least: number
  readonly most: number
  readonly whole?: boolean
}

export function readNumber(typed: string, { least, most, whole = false }: NumberRule): Read<number> {
  const words = text.settings.fault
  const plain = typed.trim().replace(',', '.')
  const value = /^\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN
  if (!Number.isFinite(value)) return { fault: whole ? words.whole : words.number }
  if (whole && !Number.isInteger(value)) return { fault: words.whole }
  if (value < least) return { fault: words.least(decimalText(least, 3)) }
  if (value > most) return { fault: words.most(countText(most)) }
  return { value }
}

/** Nothing typed is null: no limit. */
export const readOptional = (typed: string, rule: NumberRule): Read<number | null> =>
  typed.trim() === '' ? { value: null } : readNumber(typed, rule)

const megabyte = 1e6
/** As the contract bounds it, in bytes a second. */
const rate = { least: 1024, most: 1e12 }

/** Bytes a second of `2.5` megabytes a second. */
export function readRate(typed: string): Read<number | null> {
  const read = readOptional(typed, { least: Math.ceil(rate.least / 1000) / 1000, most: rate.most / megabyte })
  if ('fault' in read || read.value === null) return read
  return { value: Math.max(rate.least, Math.round(read.value * megabyte)) }
}

/** What stands in the field for it: digits alone, so that it is read back as it was. */
export const rateTyped = (bytesPerSecond: number | null): string =>
  bytesPerSecond === null ? '' : String(Number((bytesPerSecond / megabyte).toFixed(6)))
