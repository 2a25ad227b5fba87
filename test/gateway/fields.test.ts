import { describe, expect, it } from 'vitest'
import { chatRequest } from '../../src/contract/index.ts'
import { dialectFields } from '../../src/gateway/dialect-fields.ts'
import { numberField, type Range, refuseFields, textField } from '../../src/gateway/fields.ts'
import { ranges } from '../../src/gateway/ranges.ts'
import { refusalOf, refusedField } from './asking.ts'

describe('a message about a field', () => {
  it.each<[unknown, string]>([
    [7, '7'],
    [true, 'true'],
    [[], 'an empty list'],
    [[1], 'a list'],
    [{}, 'an object'],
  ])('says what came: %j', (value, came) => {
    const error = refusalOf(() => textField({ a: value }, 'a', 'b[1]'))
    expect([error.message, error.details]).toEqual([`Expected text as b[1].a; ${came} came.`, { field: 'b[1].a' }])
  })
  it('says short texts, and of others how long they are', () => {
    const about = (value: string) => refusalOf(() => numberField({ a: value }, 'a', { min: 0, max: 1 })).message
    expect(about('hot')).toBe('Expected a number from 0 to 1 as a; "hot" came.')
    expect(about('x'.repeat(41))).toBe('Expected a number from 0 to 1 as a; a text of 41 characters came.')
  })
})

it.each(Object.entries<Range>(ranges))('%s takes what the neutral form takes, to its ends', (key, { min, max, whole = false }) => {
  const fits = (value: number) => chatRequest.safeParse({ messages: [{ role: 'user', content: '' }], [key]: value }).success
  const step = whole ? 1 : 0.001
  expect([min, max, min - step, max + step, min + 0.5].map(fits)).toEqual([true, true, false, false, !whole])
  const reads = (value: number) => numberField({ [key]: value }, key, { min, max, whole })
  expect([reads(min), reads(max)]).toEqual([min, max])
  for (const beyond of [min - step, max + step, Number.NaN, Number.POSITIVE_INFINITY]) expect(refusedField(() => reads(beyond))).toBe(key)
})

describe('refused fields', () => {
  it('of the prototype are none', () => expect(() => refuseFields({}, { 'constructor.name': 'refused' })).not.toThrow())
  it('are found inside objects', () => expect(refusedField(() => refuseFields({ a: { b: 1 } }, { 'a.b': 'refused' }))).toBe('a.b'))
  it('may have values that do no harm, lists too', () => {
    const harmless = { n: [1], kinds: [['text']] }
    expect(() => refuseFields({ n: 1, kinds: ['text'] }, { n: 'refused', kinds: 'refused' }, harmless)).not.toThrow()
    expect(refusedField(() => refuseFields({ n: 1, kinds: ['text', 'audio'] }, { n: 'refused', kinds: 'refused' }, harmless))).toBe('kinds')
  })
})

it('every route refuses to be sent elsewhere', () => {
  for (const fates of Object.values(dialectFields))
    expect(fates).toMatchObject({ api_base: 'refused', base_url: 'refused', headers: 'refused' })
})
