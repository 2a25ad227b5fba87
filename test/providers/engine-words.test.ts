import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engineWords } from '../../src/providers/engine-words.ts'

describe("an engine's words", () => {
  it.each([
    ['failed to load model from /var/lib/ollama/models/blobs/sha256-7f5d\nerror', 'failed to load model from sha256-7f5d error'],
    ["open '/Users/John Doe/my models/a b.gguf': no such file", "open 'a b.gguf': no such file"],
    ['open C:\\Users\\John Doe\\models\\x.gguf: denied', 'open x.gguf: denied'],
    ['open C:/Users/x/y.gguf', 'open y.gguf'],
    ['open \\\\server\\share\\folder\\f.gguf', 'open f.gguf'],
    ['file:///home/alice/m/x.gguf', 'x.gguf'],
    ['path=/home/alice/.cache/x', 'path=x'],
    ['(/opt/llama/src/model.cpp:123)', '(model.cpp:123)'],
    ['/models/a.gguf and /models/b.gguf', 'a.gguf and b.gguf'],
  ])('have no folders: %s', (words, shown) => expect(engineWords(words)).toBe(shown))

  it.each([
    'see http://127.0.0.1:11434/api/chat or https://h/a/b',
    'registry.ollama.ai/library/tiny-a:latest does not support tools',
    'hf.co/user/repo:Q4_K_M',
    'and/or 12 tokens/s, 3/4',
    'request (15019 tokens) exceeds the available context size (512 tokens), try increasing it',
  ])('stay as they are: %s', (words) => expect(engineWords(words)).toBe(words))

  it('cannot move a cursor, colour, hide or turn text around', () => {
    expect(engineWords('\u001b[31mred\u001b[0m \u0000\u0007a\r\nb\u202ec\u2028d\u200be\u009b2J')).toBe('red a b c d e 2J')
  })

  it('are short, and whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (words) => {
        const shown = engineWords(words)
        expect(shown.length).toBeLessThanOrEqual(500)
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
    )
    expect(engineWords('😀'.repeat(400))).toMatch(/^(?:😀)+…$/u)
  })

  it('take no time, however they are made', () => {
    const made = ['/a', '/a b c ', ' /', 'C:\\a b', '\\\\a\\', '/home/a ', '\u001b[', 'file://', 'x'].map((one) => one.repeat(2 ** 20))
    const started = performance.now()
    for (const words of made) engineWords(words)
    // Some 5 ms here; minutes if a pattern tried every way to match.
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
