import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatContext, formatMs, formatSize, formatSpan, formatWhen } from '../../src/cli/format.ts'
import { table } from '../../src/cli/table.ts'
import { visible, visibleText } from '../../src/cli/visible.ts'

describe('sizes and times', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [502_048, '502 kB'],
    [999_960, '1 MB'],
    [5_225_374_976, '5.2 GB'],
    [19_851_349_856, '19.9 GB'],
    [99_960_000_000, '100 GB'],
    [2_000_000_000_000, '2 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))

  it.each([
    [512, '512'],
    [8192, '8k'],
    [40_960, '40k'],
    [40_000, '40k'],
    [131_072, '128k'],
    [1_048_576, '1M'],
    [1_000_000, '1M'],
    [1_010_000, '1010k'],
  ])('%d tokens are %s', (tokens, text) => expect(formatContext(tokens)).toBe(text))

  it.each([
    [41.4, '41 ms'],
    [412, '0.4 s'],
    [2130, '2.1 s'],
    [42_400, '42 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
  ])('%d ms are %s', (ms, text) => expect(formatMs(ms)).toBe(text))

  it('says when', () => {
    const now = Date.parse('2026-01-01T12:00:00Z')
    expect(formatWhen('2026-01-01T11:56:30Z', now)).toBe('3 min ago')
    expect(formatWhen('2026-01-01T12:04:59Z', now)).toBe('in 4 min')
    expect(formatWhen('2026-01-01T12:00:00Z', now)).toBe('now')
    expect(formatWhen('nonsense', now)).toBe('')
  })

  it('leaves empty what is not known', () => {
    expect([formatSize(undefined), formatContext(undefined), formatWhen(undefined)]).toEqual(['', '', ''])
    expect(formatSpan(0)).toBe('0 s')
  })
})

describe('hostile text', () => {
  it('shows escape sequences instead of obeying them', () => {
    expect(visible('evil\x1b[2J\x1b]0;title\x07\r\n\u202Exe.gguf\u2028\x9b31m')).toBe(
      'evil\\x1b[2J\\x1b]0;title\\x07\\x0d\\x0a\\u202exe.gguf\\u2028\\x9b31m',
    )
    expect(visible('Qwen3 8B – größe 模型 😀')).toBe('Qwen3 8B – größe 模型 😀')
  })

  it('leaves lines and joined emoji in what a model writes', () => {
    expect(visibleText('a\r\n\tb\x1b[31m 👩‍💻')).toBe('a\n\tb\\x1b[31m 👩‍💻')
  })

  it('never lets a control character through, and changes nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        if (/^[\p{L}\p{N} ]*$/u.test(text)) expect(visible(text)).toBe(text)
      }),
    )
  })
})

describe('tables', () => {
  it('aligns columns, numbers to the right, and leaves out empty ones', () => {
    const columns = [{ title: 'NAME' }, { title: 'SIZE', right: true }, { title: 'NOTE' }, { title: 'STATE' }]
    expect(
      table(columns, [
        ['a', '5.2 GB', '', 'loaded'],
        ['longer', '522 MB', '', ''],
      ]),
    ).toBe('NAME      SIZE  STATE\na       5.2 GB  loaded\nlonger  522 MB\n')
  })

  it('makes cells safe and keeps one row on one line', () => {
    const text = table([{ title: 'NAME' }, { title: 'STATE' }], [['evil\n\x1b[31m', 'x']])
    expect(text).toBe(`NAME${' '.repeat(14)}STATE\nevil\\x0a\\x1b[31m  x\n`)
  })

  it('colours what is padded already', () => {
    const paint = (cell: string): string => `<${cell}>`
    expect(
      table(
        [{ title: 'A', paint }, { title: 'B' }],
        [
          ['x', 'y'],
          ['xxx', 'y'],
        ],
      ),
    ).toBe('A    B\n<x  >  y\n<xxx>  y\n')
  })
})
