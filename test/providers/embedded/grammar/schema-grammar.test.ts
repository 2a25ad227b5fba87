import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bounds, integersWithin, numbersWithin } from '../../../../src/providers/embedded/grammar/number-range.ts'
import { grammarText } from '../../../../src/providers/embedded/grammar/parts.ts'
import { grammarOfSchema } from '../../../../src/providers/embedded/grammar/schema-grammar.ts'
import { schemaBudget } from '../../../../src/providers/embedded/grammar/schema-reader.ts'
import { patternOf } from './pattern-of.ts'

const strict = { field: 'format.schema', insists: true }
const takes = (schema: unknown, value: unknown): boolean => {
  const text = typeof value === 'string' && /^[{["]/.test(value) ? value : JSON.stringify(value)
  return patternOf(grammarOfSchema(schema, { ...strict, budget: schemaBudget() })).test(text)
}

describe('a grammar of a schema', () => {
  const person = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      age: { type: 'integer', minimum: 0, maximum: 150 },
      tags: { type: 'array', items: { enum: ['a', 'b"\\'] }, maxItems: 2 },
    },
    required: ['name'],
    additionalProperties: false,
  }
  it.each([
    ['all of it', person, { name: 'x', age: 7, tags: ['a', 'b"\\'] }, true],
    ['only what is required', person, { name: 'é\n"' }, true],
    ['an optional one left out between', person, { name: '', tags: [] }, true],
    ['without what is required', person, { age: 7 }, false],
    ['too many in a list', person, { name: 'x', tags: ['a', 'a', 'a'] }, false],
    ['another value than listed', person, { name: 'x', tags: ['c'] }, false],
    ['beyond a bound', person, { name: 'x', age: 151 }, false],
    ['what is not named', person, { name: 'x', more: 1 }, false],
    ['blanks as people write them', person, '{\n  "name": "x",\n  "age": 7\n}', true],
    ['text that is not JSON', person, '{"name": "\n"}', false],
    ['none of the optional ones', { properties: { a: { type: 'null' }, b: { type: 'boolean' } } }, {}, true],
    ['the second of two', { properties: { a: { type: 'null' }, b: { type: 'boolean' } } }, { b: true }, true],
    ['a type or null', { type: ['string', 'null'] }, null, true],
    ['one of several', { anyOf: [{ type: 'number' }, { const: 'all' }] }, '"all"', true],
    ['none of several', { anyOf: [{ type: 'number' }, { const: 'all' }] }, '"none"', false],
    ['a map', { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } }, { a: 1, b: -2.5e3 }, true],
    ['a map of something else', { type: 'object', additionalProperties: { type: 'number' } }, { a: 'x' }, false],
    ['a pair', { type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }], items: false }, [1, 'x'], true],
    ['a list that is too short', { type: 'array', items: { type: 'number' }, minItems: 2 }, [1], false],
    ['a list of any length', { type: 'array', items: { type: 'number' }, minItems: 2 }, [1, 2, 3, 4], true],
    ['a counted string', { type: 'string', minLength: 2, maxLength: 3 }, '"éé"', true],
    ['a string that is too long', { type: 'string', minLength: 2, maxLength: 3 }, '"abcd"', false],
    ['a date', { type: 'string', format: 'date-time' }, '"2026-11-25T13:05:59Z"', true],
    ['no date', { type: 'string', format: 'date' }, '"2026-13-01"', false],
    [
      'what refers to itself',
      { $defs: { n: { properties: { next: { $ref: '#/$defs/n' } } } }, $ref: '#/$defs/n' },
      { next: { next: {} } },
      true,
    ],
    ['a name that is everybody’s', { properties: { __proto__x: {}, constructor: { type: 'null' } } }, { constructor: null }, true],
  ] as const)('%s', (_, schema, value, expected) => expect(takes(schema, value)).toBe(expected))

  it.each([
    ['properties.a.pattern', { properties: { a: { type: 'string', pattern: '^x$' } } }],
    ['properties.a.items.multipleOf', { properties: { a: { items: { type: 'number', multipleOf: 5 } } } }],
    ['allOf', { allOf: [{ type: 'object' }, { required: ['a'] }] }],
    ['not', { not: { type: 'string' } }],
    ['uniqueItems', { type: 'array', uniqueItems: true }],
    ['maxLength', { type: 'string', maxLength: 1001 }],
    ['properties.a.$ref', { properties: { a: { $ref: 'https://x.example/s.json' } } }],
    ['$ref', { $ref: '#/$defs/none' }],
    ['type', { type: 'text' }],
    ['enum', { enum: [] }],
    ['properties.a', { properties: { a: 5 } }],
    ['minItems', { prefixItems: [{}], items: false, minItems: 2 }],
  ] as const)('refuses what it cannot say and names it: %s', (field, schema) => {
    const error = expect.objectContaining({ code: 'invalid_request', details: { field: `format.schema.${field}` } })
    expect(() => grammarOfSchema(schema, { ...strict, budget: schemaBudget() })).toThrow(error)
  })

  it('leaves out what it cannot say where nobody insists, and still says the rest', () => {
    const schema = {
      properties: { a: { type: 'string', pattern: '^x$', maxLength: 5000 }, n: { type: 'integer', multipleOf: 2 } },
      required: ['a', 'n'],
    }
    const pattern = patternOf(grammarOfSchema(schema, { ...strict, insists: false, budget: schemaBudget() }))
    expect(['{"a":"y","n":3}', '{"a":1,"n":3}'].map((text) => pattern.test(text))).toEqual([true, false])
  })

  it('refuses what is too deep, too big, or without an end, before it costs anything', () => {
    let deep: object = { type: 'null' }
    for (let level = 0; level < 10_000; level += 1) deep = { items: deep }
    const wide = { properties: Object.fromEntries(Array.from({ length: 11_000 }, (_, index) => [`p${index}`, {}])) }
    const many = {
      properties: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, { type: 'string', maxLength: 900 + index }])),
    }
    const long = { enum: Array.from({ length: 600 }, (_, index) => 'x'.repeat(1000) + index) }
    const loop = { $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } }, $ref: '#/$defs/a' }
    const torn = { anyOf: Array.from({ length: 300 }, (_, index) => ({ type: 'string', maxLength: index })) }
    for (const schema of [deep, wide, many, long, loop, torn])
      expect(() => grammarOfSchema(schema, { ...strict, budget: schemaBudget() })).toThrow(
        expect.objectContaining({ code: 'invalid_request' }),
      )
  })
})

describe('numbers between bounds', () => {
  const bound = fc.option(fc.integer({ min: -1200, max: 1200 }), { nil: undefined })
  const bounds = fc.record({ min: bound, max: bound, above: bound, below: bound })
  const within = ({ min, max, above, below }: Bounds, value: number): boolean =>
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  const test = (body: string | undefined, text: string): boolean => body !== undefined && patternOf(grammarText(body)).test(text)

  it('whole ones: exactly those', () => {
    fc.assert(
      fc.property(bounds, fc.integer({ min: -2000, max: 2000 }), (asked, value) => {
        expect(test(integersWithin(asked), String(value))).toBe(within(asked, value))
      }),
    )
  })

  it('all others: none outside, and every whole one inside', () => {
    fc.assert(
      fc.property(bounds, fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: 0, max: 99 }), (asked, whole, hundredths) => {
        const text = `${whole}.${String(hundredths).padStart(2, '0')}`
        if (test(numbersWithin(asked), text)) expect(within(asked, Number(text))).toBe(true)
        expect(test(numbersWithin(asked), String(whole))).toBe(within(asked, whole))
      }),
    )
  })
})
