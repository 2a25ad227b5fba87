/** The reader in slices reads what JSON.parse reads, refuses what it refuses, and tells where the members lie. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonFault, type ScannedJson, type ScanOptions, scanJson } from '../../../src/util/json/scan-json.ts'

function scan(text: string | Buffer, options: Partial<ScanOptions> = {}): ScannedJson & { pauses: number } {
  const steps = scanJson(Buffer.from(text as string), { maxDepth: 64, sliceBytes: 7, make: true, ...options })
  for (let pauses = 0; ; pauses += 1) {
    const step = steps.next()
    if (step.done) return { ...step.value, pauses }
  }
}

const refused = (text: string, options?: Partial<ScanOptions>): string => {
  try {
    scan(text, options)
  } catch (error) {
    expect(error).toBeInstanceOf(JsonFault)
    return (error as JsonFault).message
  }
  throw new Error(`was taken: ${text}`)
}

describe('JSON in slices', () => {
  it('makes what JSON.parse makes, with space anywhere, and finds each member', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), fc.constantFrom(0, 1, '\t', '\r\n '), (value, space) => {
        const text = JSON.stringify(value, null, space)
        const found = scan(text)
        expect(found.value).toEqual(JSON.parse(text))
        expect([...found.members.keys()].sort()).toEqual(Object.keys(value).sort())
        const bytes = Buffer.from(text)
        for (const [name, { start, end }] of found.members)
          expect(JSON.parse(bytes.toString('utf8', start, end))).toEqual(JSON.parse(text)[name])
      }),
      { numRuns: 500 },
    )
  })

  it('takes and refuses what JSON.parse takes and refuses, whatever byte is changed', () => {
    const text = '{"model":"a\\u00e9\\n","n":-1.5e+3,"l":[true,null,{"x":[]},{}],"é":"ü"}'
    const bytes = Buffer.from(text)
    const changes = fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(...Buffer.from('{}[]",:\\ntfu0-.eE+ 9\u0001x')), fc.boolean())
    fc.assert(
      fc.property(changes, ([at, byte, remove]) => {
        const damaged = remove ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]) : Buffer.from(bytes).fill(byte, at, at + 1)
        const whole = new TextDecoder().decode(damaged)
        let parsed: unknown
        try {
          parsed = JSON.parse(whole)
        } catch {
          refused(whole)
          return
        }
        expect(scan(whole).value).toEqual(parsed)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    '',
    ' ',
    '[]',
    '"a"',
    '1',
    'null',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{"a":[1,]}',
    '{"a":01}',
    '{"a":1}x',
    '{"a":1}{}',
    "{'a':1}",
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":NaN}',
    `{"a":${'1'.repeat(1200)}}`,
  ])('refuses %j', (text) => {
    expect(refused(text)).not.toBe('')
  })

  it('is no deeper than it may be', () => {
    const deep = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(scan(deep(63)).members.has('a')).toBe(true)
    expect(refused(deep(64))).toContain('deeper than 64')
    expect(refused(deep(100_000))).toContain('deeper than 64')
  })

  it('tells a name that comes twice, and keeps __proto__ a name like any other', () => {
    const found = scan('{"model":"a","x":{"y":1,"y":2},"model":"b","__proto__":{"polluted":true}}')
    expect([...found.repeated]).toEqual(['model'])
    expect(Object.keys(found.value ?? {})).toEqual(['model', 'x', '__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(found.value)).toBe(Object.prototype)
  })

  it('gives way as often as it was told, inside a long text as well', () => {
    expect(scan(`{"a":"${'x'.repeat(1000)}"}`, { sliceBytes: 100 }).pauses).toBeGreaterThanOrEqual(9)
    expect(scan(`{"a":[${'1,'.repeat(500)}1]}`, { sliceBytes: 100 }).pauses).toBeGreaterThanOrEqual(9)
  })

  it('makes nothing when nothing is wanted', () => {
    expect(scan('{"a":{"b":1}}', { make: false })).toEqual(expect.not.objectContaining({ value: expect.anything() }))
  })
})
