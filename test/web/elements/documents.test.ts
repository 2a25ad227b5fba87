/** The guide says what is so. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tokensIn } from '../../../web/src/elements/themed.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8')
const guide = read('docs/embedding.md')
const rowsOf = (name: string): string[] => [...guide.matchAll(new RegExp(`^\\| \`(${name}[a-z-]+)\` \\|`, 'gm'))].map(([, one = '']) => one)

describe('the embedding guide', () => {
  it('has every token with its default', () => {
    const tokens = tokensIn(read('web/src/styles/tokens.css'))
    expect(tokens.size).toBeGreaterThan(20)
    expect(rowsOf('--my-')).toEqual([...tokens.keys()])
    for (const [name, value] of tokens) expect(guide).toContain(`| \`${name}\` | \`${value}\` |`)
  })
  it('has every event', () => {
    const events = [...read('web/src/elements/types.ts').matchAll(/^ {2}'(modelyard-[a-z-]+)': CustomEvent/gm)].map(([, one]) => one)
    expect(events).toHaveLength(6)
    expect(rowsOf('modelyard-').sort()).toEqual(events.sort())
  })
})
