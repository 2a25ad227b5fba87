/** Text of others as it may be looked at. */
import { describe, expect, it } from 'vitest'
import { legible, shown } from '../../../web/src/text/shown.ts'

describe('text of others', () => {
  it('is left alone where it is harmless, whatever its script', () => {
    for (const one of ['qwen3:8b', 'مرحبا', '日本語', '👩‍💻 ready', 'two\nlines\tand a tab', '<script>alert(1)</script>'])
      expect(shown(one)).toBe(one)
  })

  it('loses what would reorder, hide or colour its neighbours', () => {
    expect(shown('safe\u202egnp.exe')).toBe('safegnp.exe')
    expect(shown('\u2066a\u2069\u200e\u200fb\u061c')).toBe('ab')
    expect(shown('\u001b[31mred\u001b[0m \u001b]8;;https://a.example\u0007link\u001b]8;;\u0007')).toBe('red link')
    expect(shown('a\u0000b\u0007c\u009bd\u2028e\ud800f\ufeff')).toBe('abcdef')
  })

  it('is cut with an ellipsis, never in the middle of a character, however long it is', () => {
    expect(shown('a'.repeat(500))).toHaveLength(500)
    expect(shown('a'.repeat(501))).toBe(`${'a'.repeat(499)}…`)
    expect(shown('😀😀😀', 4)).toBe('😀…')
    expect(shown('x'.repeat(1 << 20), 10)).toBe('xxxxxxxxx…')
    expect(shown(`${'\u202e'.repeat(1 << 20)}end`, 10)).toBe('…')
  })

  it('is whole where all of it is wanted, and as harmless', () => {
    expect(legible(`\u202e${'a'.repeat(1 << 20)}\u001b[31m`)).toBe('a'.repeat(1 << 20))
  })
})
