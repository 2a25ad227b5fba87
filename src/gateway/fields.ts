/**
 * Readers of a client's JSON, which is anybody's data. What is absent or null is undefined; a wrong type or value throws
 * `invalid_request` with a sentence that says what was expected and what came, and `details.field`.
 */
import { isDeepStrictEqual } from 'node:util'
import { ModelyardError } from '../contract/index.ts'
import type { FieldFate, Fields } from './dialect.ts'

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The full name of a field inside another: `messages[2]` and `content` are `messages[2].content`. */
export const within = (path: string, key: string | number): string =>
  typeof key === 'number' ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`

export const badField = (field: string, sentence: string, hint?: string): ModelyardError =>
  new ModelyardError('invalid_request', sentence, { details: { field }, hint })

export const wrongField = (field: string, expected: string, value: unknown): ModelyardError =>
  badField(field, `Expected ${expected} as ${field}; ${cameOf(value)} came.`)

/** For what is there and has no place in the neutral form. */
export const unsupportedField = (field: string, why = 'the models behind this gateway cannot be told'): ModelyardError =>
  badField(field, `${field} is not supported: ${why}.`, `Leave ${field} out.`)

const longestShown = 40

/** What came, in words; of texts only short ones, for a message is no place for a prompt. */
function cameOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value !== 'string') return String(value)
  return value.length <= longestShown ? JSON.stringify(value) : `a text of ${value.length} characters`
}

/** The value, which must be there. */
export function needed<T>(value: T | undefined, field: string, expected: string): T {
  if (value === undefined) throw wrongField(field, expected, value)
  return value
}

export function textField(from: Fields, key: string, path = ''): string | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw wrongField(within(path, key), 'text', value)
  return value
}

export interface Length {
  readonly min?: number
  readonly max: number
}

/** A text of limited length, such as a name. */
export function shortText(from: Fields, key: string, { min = 0, max }: Length, path = ''): string | undefined {
  const text = textField(from, key, path)
  if (text !== undefined && (text.length < min || text.length > max))
    throw wrongField(within(path, key), `text of ${min} to ${max} characters`, text)
  return text
}

export function flagField(from: Fields, key: string, path = ''): boolean | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw wrongField(within(path, key), 'true or false', value)
  return value
}

export interface Range {
  readonly min: number
  readonly max: number
  readonly whole?: boolean
}

export function numberField(from: Fields, key: string, { min, max, whole = false }: Range, path = ''): number | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))
  if (!fits) throw wrongField(within(path, key), `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`, value)
  return value
}

/** One of these words. */
export function wordField<Word extends string>(from: Fields, key: string, words: readonly Word[], path = ''): Word | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  const word = words.find((one) => one === value)
  if (word === undefined) throw wrongField(within(path, key), words.map((one) => `"${one}"`).join(' or '), value)
  return word
}

export function listField(from: Fields, key: string, max: number, path = ''): readonly unknown[] | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw wrongField(within(path, key), 'a list', value)
  if (value.length > max) throw badField(within(path, key), `Expected at most ${max} as ${within(path, key)}; ${value.length} came.`)
  return value
}

export function objectField(from: Fields, key: string, path = ''): Fields | undefined {
  const value = from[key]
  if (value === undefined || value === null) return undefined
  return asObject(value, within(path, key))
}

/** The members of a list as objects. */
export function objectsField(from: Fields, key: string, max: number, path = ''): readonly Fields[] | undefined {
  return listField(from, key, max, path)?.map((one, index) => asObject(one, within(within(path, key), index)))
}

export function asObject(value: unknown, field: string): Fields {
  if (!isFields(value)) throw wrongField(field, 'an object', value)
  return value
}

export function asText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw wrongField(field, 'text', value)
  return value
}

/** In no dialect: they would tell a gateway to send the request, and its keys, elsewhere. */
export const refusedEverywhere = { api_base: 'refused', base_url: 'refused', headers: 'refused' } as const satisfies Record<
  string,
  FieldFate
>

/**
 * Throws for the first field whose fate is `refused` and whose value asks for something. `harmless` has the values of
 * such fields that ask for no more than what is done anyway (`n: 1`). A name with a dot is a field of an object; names with
 * `[]` are the business of who reads the list.
 */
export function refuseFields(
  body: Fields,
  fates: Readonly<Record<string, FieldFate>>,
  harmless: Readonly<Record<string, readonly unknown[]>> = {},
): void {
  for (const name in fates) {
    if (fates[name] !== 'refused' || name.includes('[]')) continue
    const value = valueAt(body, name)
    if (!asksForNothing(value) && !harmless[name]?.some((one) => isDeepStrictEqual(one, value))) throw unsupportedField(name)
  }
}

function valueAt(body: Fields, name: string): unknown {
  let value: unknown = body
  for (const key of name.split('.')) value = isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

export function asksForNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
