/**
 * From a JSON Schema to a grammar of which every text is valid for it. The package has a maker of its own; it makes every
 * property required, drops in silence what it does not know, and runs where a hang would be a hang of the model. This one
 * refuses what it cannot say, naming the field, and runs before anything is loaded.
 *
 * It may say less than a schema allows, never more: properties come in the order of the schema; an object with named
 * properties gets no others; `oneOf` is taken for `anyOf`.
 */

import { integersWithin, isBounded, numbersWithin } from './number-range.ts'
import { grammarText, jsonLiteral, stringFormats } from './parts.ts'
import { createSchemaReader, isSchema, type Schema, type SchemaBudget, type SchemaReader } from './schema-reader.ts'

export interface SchemaGrammarOptions {
  /** What the schema is called in the request, for refusals. */
  readonly field: string
  /** What a grammar cannot say (a pattern, say) is refused; else it is left out. */
  readonly insists: boolean
  readonly budget: SchemaBudget
}

export function grammarOfSchema(schema: unknown, { field, insists, budget }: SchemaGrammarOptions): string {
  const { reader, rules, visit } = createMaker(createSchemaReader(schema, { insists, budget }))
  const root = visit(schema, field, 0)
  if (endless(rules)) reader.refuse(field, 'a reference leads to itself without end.')
  return grammarText(root, rules)
}

/** A rule that begins with itself. */
function endless(rules: ReadonlyMap<string, string>): boolean {
  const [sound, open] = [new Set<string>(), new Set<string>()]
  const leadsBack = (name: string): boolean => {
    if (sound.has(name)) return false
    if (open.has(name)) return true
    open.add(name)
    const begins = (rules.get(name) ?? '').split(' | ').filter((one) => rules.has(one))
    if (begins.some(leadsBack)) return true
    open.delete(name)
    sound.add(name)
    return false
  }
  return [...rules.keys()].some(leadsBack)
}

interface Maker {
  readonly reader: SchemaReader
  readonly rules: Map<string, string>
  /** What stands for this schema in a rule. */
  visit(schema: unknown, field: string, depth: number): string
  /** A rule of its own, the same for the same body. */
  rule(body: string): string
}

interface Place {
  readonly maker: Maker
  readonly field: string
  readonly depth: number
}

function createMaker(reader: SchemaReader): Maker {
  const rules = new Map<string, string>()
  const names = new Map<string, string>()
  const references = new Map<string, string>()
  const rule = (body: string): string => {
    const known = names.get(body)
    if (known !== undefined) return known
    const name = `r${names.size}`
    names.set(body, name)
    rules.set(name, body)
    return name
  }
  const follow = (ref: unknown, field: string, depth: number): string => {
    const { schema, key } = reader.resolve(ref, field)
    const known = references.get(key)
    if (known !== undefined) return known
    const name = `ref${references.size}`
    references.set(key, name)
    rules.set(name, maker.visit(schema, field, depth + 1))
    return name
  }
  const maker: Maker = {
    reader,
    rules,
    rule,
    visit(schema, field, depth) {
      reader.enter(depth, field)
      if (schema === true) return 'value'
      if (!isSchema(schema)) return reader.refuse(field, schema === false ? 'nothing is valid for it.' : 'expected a schema.')
      if (schema.$ref !== undefined) return follow(schema.$ref, `${field}.$ref`, depth)
      return rule(bodyOf(schema, { maker, field, depth }))
    },
  }
  return maker
}

/** What decides about validity, and no grammar can say. */
const unsayable = [
  'not',
  'if',
  'patternProperties',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'contains',
  'multipleOf',
  'pattern',
]

function bodyOf(schema: Schema, place: Place): string {
  const { reader } = place.maker
  for (const key of unsayable)
    if (schema[key] !== undefined) reader.cannot(`${place.field}.${key}`, 'the embedded engine cannot hold an answer to it.')
  if (schema.uniqueItems === true) reader.cannot(`${place.field}.uniqueItems`, 'the embedded engine cannot hold an answer to it.')
  if (schema.const !== undefined) return said(schema.const, `${place.field}.const`, reader)
  if (schema.enum !== undefined) return enumBody(schema, place)
  for (const key of ['anyOf', 'oneOf', 'allOf']) if (schema[key] !== undefined) return unionBody(schema, key, place)
  const types = typesOf(schema, place)
  return types.map((type) => typeBody(type, schema, place)).join(' | ')
}

function said(value: unknown, field: string, reader: SchemaReader): string {
  const text = jsonLiteral(value)
  reader.letters(text.length, field)
  return text
}

function enumBody(schema: Schema, { maker, field }: Place): string {
  if (!Array.isArray(schema.enum) || schema.enum.length === 0) return maker.reader.refuse(`${field}.enum`, 'expected a list of values.')
  return schema.enum.map((one) => said(one, `${field}.enum`, maker.reader)).join(' | ')
}

/** llama.cpp follows all that are possible, at every letter. */
const mostAlternatives = 256

/** What stands beside it would have to hold as well. */
function unionBody(schema: Schema, key: string, { maker, field, depth }: Place): string {
  const alternatives = schema[key]
  const at = `${field}.${key}`
  if (!Array.isArray(alternatives) || alternatives.length === 0) return maker.reader.refuse(at, 'expected a list of schemas.')
  if (alternatives.length > mostAlternatives) maker.reader.refuse(at, `it has more than ${mostAlternatives} alternatives.`)
  const beside = ['properties', 'items', 'prefixItems'].some((one) => schema[one] !== undefined)
  if (beside || (key === 'allOf' && alternatives.length > 1)) {
    maker.reader.cannot(at, 'the embedded engine cannot hold an answer to several schemas at once.')
    const { [key]: _, ...rest } = schema
    return bodyOf(rest, { maker, field, depth })
  }
  const typed = (one: unknown): unknown =>
    schema.type !== undefined && isSchema(one) && one.type === undefined && one.$ref === undefined ? { type: schema.type, ...one } : one
  return [...new Set(alternatives.map((one, index) => maker.visit(typed(one), `${at}[${index}]`, depth + 1)))].join(' | ')
}

const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null', 'value'] as const
type TypeName = (typeof typeNames)[number]

/** By its words where it does not say its type. */
function typesOf({ type, ...schema }: Schema, { maker, field }: Place): readonly TypeName[] {
  const has = (...keys: string[]): boolean => keys.some((key) => schema[key] !== undefined)
  if (type === undefined) {
    if (has('properties', 'required', 'additionalProperties')) return ['object']
    if (has('items', 'prefixItems', 'minItems', 'maxItems')) return ['array']
    if (has('minLength', 'maxLength', 'format', 'pattern')) return ['string']
    return has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf') ? ['number'] : ['value']
  }
  const names: unknown[] = Array.isArray(type) ? type : [type]
  const known = names.filter((one): one is TypeName => typeNames.some((name) => name === one && name !== 'value'))
  return known.length === names.length && known.length > 0 ? known : maker.reader.refuse(`${field}.type`, 'expected a type of JSON.')
}

function typeBody(type: TypeName, schema: Schema, place: Place): string {
  switch (type) {
    case 'object':
      return objectBody(schema, place)
    case 'array':
      return arrayBody(schema, place)
    case 'string':
      return stringBody(schema, place)
    case 'number':
    case 'integer':
      return numberBody(type, schema, place)
    case 'boolean':
      return '"true" | "false"'
    default:
      return type === 'null' ? '"null"' : 'value'
  }
}

function objectBody(schema: Schema, place: Place): string {
  const { maker, field, depth } = place
  const properties = isSchema(schema.properties) ? schema.properties : {}
  const required = new Set(Array.isArray(schema.required) ? schema.required.filter((one): one is string => typeof one === 'string') : [])
  const unnamed = [...required].filter((name) => !Object.hasOwn(properties, name))
  const extra = schema.additionalProperties ?? true
  const all = [...Object.entries(properties), ...unnamed.map((name) => [name, extra] as const)]
  refuseCounts(schema, { named: all.length, required: required.size }, place)
  if (all.length === 0) return mapBody(schema, place)
  const parts = all
    .filter(([name, one]) => one !== false || required.has(name))
    .map(([name, one]) => {
      const value = maker.visit(one, `${field}.properties.${name}`, depth + 1)
      return { pair: `${said(name, `${field}.properties`, maker.reader)} ":" ws ${value}`, required: required.has(name) }
    })
  return `"{" ws ${propertiesBody(parts, maker)} ws "}"`
}

/** No property is named: any, with values of one schema. */
function mapBody(schema: Schema, { maker, field, depth }: Place): string {
  const extra = schema.additionalProperties ?? !isSchema(schema.properties)
  if (extra === false) return '"{" ws "}"'
  const pair = maker.rule(`string ":" ws ${maker.visit(extra, `${field}.additionalProperties`, depth + 1)}`)
  return schema.minProperties === undefined || schema.minProperties === 0
    ? `"{" ws (${pair} ("," ws ${pair})* ws)? "}"`
    : `"{" ws ${pair} ("," ws ${pair})* ws "}"`
}

function refuseCounts(schema: Schema, { named, required }: { named: number; required: number }, { maker, field }: Place): void {
  const { minProperties: min = 0, maxProperties: max = Number.POSITIVE_INFINITY, propertyNames: names } = schema
  const what = 'the embedded engine cannot hold an answer to it.'
  if (typeof min !== 'number' || min > Math.max(required, named === 0 ? 1 : 0)) maker.reader.cannot(`${field}.minProperties`, what)
  if (typeof max !== 'number' || (named === 0 ? max !== Number.POSITIVE_INFINITY : max < named))
    maker.reader.cannot(`${field}.maxProperties`, what)
  if (named === 0 && isSchema(names) && Object.keys(names).some((key) => key !== 'type'))
    maker.reader.cannot(`${field}.propertyNames`, what)
}

interface Property {
  readonly pair: string
  readonly required: boolean
}

/** In their order, those that are not required or not there. */
function propertiesBody(parts: readonly Property[], maker: Maker): string {
  const firstRequired = parts.findIndex((one) => one.required)
  const rests: string[] = ['']
  for (const { pair, required } of parts.toReversed()) {
    const next = `"," ws ${pair}`
    rests.unshift(maker.rule(`${required ? next : `(${next})?`} ${rests[0]}`.trim()))
  }
  const starts = parts.slice(0, firstRequired === -1 ? undefined : firstRequired + 1)
  const body = starts.map(({ pair }, index) => `${pair} ${rests[index + 1]}`.trim()).join(' | ')
  return firstRequired === -1 ? `(${body})?` : `(${body})`
}

function arrayBody(schema: Schema, { maker, field, depth }: Place): string {
  const listed = Array.isArray(schema.prefixItems) ? schema.prefixItems : Array.isArray(schema.items) ? schema.items : []
  const [min, max] = [countOf(schema.minItems) ?? 0, countOf(schema.maxItems)]
  const first = listed.slice(0, max).map((one, index) => maker.visit(one, `${field}.prefixItems[${index}]`, depth + 1))
  const more = Array.isArray(schema.items) ? schema.additionalItems : schema.items
  const room = (max ?? Number.POSITIVE_INFINITY) - first.length
  if (more === false || room <= 0 || (more === undefined && first.length > 0)) {
    if (min > first.length) maker.reader.refuse(`${field}.minItems`, 'no list is as long.')
    return `"[" ws ${first.join(' "," ws ')} ws "]"`
  }
  const item = maker.visit(more ?? true, `${field}.items`, depth + 1)
  const atLeast = Math.max(0, min - first.length)
  const counted = (low: number, high: number): string =>
    maker.reader.repeats(Number.isFinite(high) ? high : low, `${field}.${Number.isFinite(high) ? 'maxItems' : 'minItems'}`)
      ? `{${low},${Number.isFinite(high) ? high : ''}}`
      : '*'
  if (first.length > 0) return `"[" ws ${first.join(' "," ws ')} ("," ws ${item})${counted(atLeast, room)} ws "]"`
  const list = `${item} ("," ws ${item})${counted(Math.max(0, atLeast - 1), room - 1)} ws`
  return atLeast > 0 ? `"[" ws ${list} "]"` : `"[" ws (${list})? "]"`
}

/** A character that is written as two escapes would be counted twice: where characters are counted, none is. */
function stringBody(schema: Schema, { maker, field }: Place): string {
  const format = typeof schema.format === 'string' && Object.hasOwn(stringFormats, schema.format) ? stringFormats[schema.format] : undefined
  if (format !== undefined) return format
  const [min, max] = [countOf(schema.minLength) ?? 0, countOf(schema.maxLength)]
  if (min === 0 && max === undefined) return 'string'
  if (max !== undefined && max < min) maker.reader.refuse(`${field}.maxLength`, 'it is less than minLength.')
  const said = maker.reader.repeats(max ?? min, `${field}.${max === undefined ? 'minLength' : 'maxLength'}`)
  return said ? `"\\"" plain{${min},${max ?? ''}} "\\""` : 'string'
}

function numberBody(type: 'number' | 'integer', schema: Schema, { maker, field }: Place): string {
  const bound = (key: string): number | undefined => (typeof schema[key] === 'number' ? schema[key] : undefined)
  const bounds = { min: bound('minimum'), max: bound('maximum'), above: bound('exclusiveMinimum'), below: bound('exclusiveMaximum') }
  if (!isBounded(bounds)) return type
  const body = type === 'integer' ? integersWithin(bounds) : numbersWithin(bounds)
  if (body !== undefined) return body
  maker.reader.cannot(field, 'no number lies within its bounds that the embedded engine can name.')
  return type
}

const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
