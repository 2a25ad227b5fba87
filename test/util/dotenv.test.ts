import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDotenv, isPlainValue, readDotenv } from '../../src/util/dotenv.ts'

const edited = (text: string, changes: Record<string, string | undefined>): string => {
  const result = editDotenv(text, changes)
  if ('problem' in result) throw new TypeError(JSON.stringify(result.problem))
  return result.text
}

const plain = fc.stringMatching(/^[A-Za-z0-9._/:@%+,=-]{0,30}$/)
const other = fc.oneof(
  // No lines that assign nothing, not even blanks: Node 20 loses the key in the line after them.
  fc.constantFrom(
    '',
    '# a comment',
    'FOO=bar',
    "QUOTED='a # b'",
    'DOUBLE="x=y" # why',
    'export EXPORTED=1',
    'EMPTY=',
    'SPACED = value',
    '#MODELYARD_MODEL=old',
  ),
  fc.tuple(fc.stringMatching(/^[A-Z]{3,8}$/), plain).map(([key, value]) => `${key}_X=${value}`),
)
const file = fc.record({
  lines: fc.array(other, { maxLength: 12 }),
  own: fc.option(fc.record({ at: fc.nat(12), value: plain.map((value) => value.replace(/#/g, '')), comment: fc.boolean() })),
  newline: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
  last: fc.boolean(),
})

const textOf = ({ lines, own, newline, bom, last }: typeof file extends fc.Arbitrary<infer T> ? T : never): string => {
  const all = [...lines]
  if (own) all.splice(Math.min(own.at, all.length), 0, `MODELYARD_MODEL=${own.value}${own.comment ? ' # mine' : ''}`)
  return (bom ? '\uFEFF' : '') + all.join(newline) + (last && all.length > 0 ? newline : '')
}

describe('editing a .env', () => {
  it('leaves every other byte as it was', () => {
    fc.assert(
      fc.property(file, plain, (shape, value) => {
        const before = textOf(shape)
        const after = edited(before, { MODELYARD_MODEL: value })
        const without = (text: string): string[] =>
          text.split('\n').filter((line) => !line.startsWith('MODELYARD_MODEL=') && !line.startsWith('\uFEFFMODELYARD_MODEL='))
        const [a, b] = [without(before), without(after)]
        if (!before.includes('MODELYARD_MODEL=') || !shape.own) expect(b.join('\n').startsWith(a.join('\n').trimEnd())).toBe(true)
        else expect(b).toEqual(a)
        expect(parseEnv(after.replace('\uFEFF', '')).MODELYARD_MODEL ?? '').toBe(value)
        expect(edited(after, { MODELYARD_MODEL: value })).toBe(after)
      }),
      { numRuns: 2000, seed: 19 },
    )
  })

  it('reads what Node reads', () => {
    fc.assert(
      fc.property(file, (shape) => {
        const text = textOf(shape).replace('\uFEFF', '')
        const read = readDotenv(text, ['MODELYARD_MODEL', 'FOO', 'QUOTED', 'DOUBLE', 'EXPORTED', 'SPACED'])
        if ('problem' in read) {
          expect(read.problem.expected).toContain('once')
          return
        }
        // Node overlooks an empty value at the end of a file.
        const node = parseEnv(text)
        for (const [key, value] of read.values) expect([key, node[key] ?? '']).toEqual([key, value])
      }),
      { numRuns: 2000, seed: 20 },
    )
  })

  it('keeps comments behind the value and quotes elsewhere', () => {
    expect(edited('A="b"\r\nMODELYARD_MODEL=x # the model\r\nC=d', { MODELYARD_MODEL: 'y:8b', MODELYARD_PROVIDER: 'ollama' })).toBe(
      'A="b"\r\nMODELYARD_MODEL=y:8b # the model\r\nC=d\r\nMODELYARD_PROVIDER=ollama\r\n',
    )
  })

  it('removes a key with its line', () =>
    expect(edited('A=1\nMODELYARD_MODEL=x\nB=2\n', { MODELYARD_MODEL: undefined })).toBe('A=1\nB=2\n'))

  it.each([
    ['MODELYARD_MODEL=a\nB=1\nMODELYARD_MODEL=b\n', 3],
    ['A=1\nMODELYARD_MODEL="a\nb"\n', 2],
    ['A="never closed\nMODELYARD_MODEL=a\n', 1],
  ])('refuses an ambiguous file, naming the line: %j', (text, line) => {
    for (const result of [editDotenv(text, { MODELYARD_MODEL: 'x' }), readDotenv(text, ['MODELYARD_MODEL'])])
      expect(result).toMatchObject({ problem: { line } })
  })

  it.each(['a b', 'a#b', '$(id)', 'a\nB=1', '`x`', "a'b", 'a"b', 'a\\b', '~/x', 'ü', 'a\u0000'])(
    'refuses a value that would break the file: %j',
    (value) => {
      expect(isPlainValue(value)).toBe(false)
      expect(editDotenv('A=1\n', { MODELYARD_MODEL: value })).toHaveProperty('problem')
    },
  )

  it('writes values that a shell reads alike', () => {
    const folder = mkdtempSync(join(tmpdir(), 'modelyard-dotenv-'))
    try {
      const values = fc.sample(plain.filter(isPlainValue), { numRuns: 300, seed: 21 })
      const path = join(folder, '.env')
      writeFileSync(
        path,
        values.reduce((text, value, index) => edited(text, { [`K${index}`]: value }), ''),
      )
      const said = execFileSync(
        'bash',
        ['-c', `set -a; source "$1"; for i in $(seq 0 299); do n="K$i"; printf '%s\\n' "\${!n}"; done`, 'sh', path],
        { encoding: 'utf8' },
      )
      expect(said.split('\n').slice(0, 300)).toEqual(values)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is linear: a megabyte of line ends, and of quotes', () => {
    expect(edited('\n'.repeat(1_000_000), { MODELYARD_MODEL: 'x' }).length).toBe(1_000_000 + 'MODELYARD_MODEL=x\n'.length)
    expect(edited('A="b"\n'.repeat(170_000), { MODELYARD_MODEL: 'x' })).toContain('MODELYARD_MODEL=x')
  })
})
