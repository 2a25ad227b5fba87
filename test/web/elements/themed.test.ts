/** The styles of the page, made fit for a shadow root. */
import { describe, expect, it } from 'vitest'
import { themed, tokensIn } from '../../../web/src/elements/themed.ts'

const sheet = ':root{--my-a: light-dark(#fff, #000);--my-font: a, "b c", serif}\n:root{ --my-shadow: 0 0 2px rgb(0 0 0 / 5%) }'

describe('tokens', () => {
  it('are read with their values', () => {
    expect([...tokensIn(sheet)]).toEqual([
      ['--my-a', 'light-dark(#fff, #000)'],
      ['--my-font', 'a, "b c", serif'],
      ['--my-shadow', '0 0 2px rgb(0 0 0 / 5%)'],
    ])
  })
  it('have the value of the page where the host sets none', () => {
    expect(themed('p{color:var(--my-a);font:1px var(--my-font)}', tokensIn(sheet))).toBe(
      'p{color:var(--my-a,light-dark(#fff, #000));font:1px var(--my-font,a, "b c", serif)}',
    )
  })
  it('that nobody knows stay as they are', () =>
    expect(themed('p{color:var(--my-other)}', tokensIn(sheet))).toBe('p{color:var(--my-other)}'))
})

describe('what is narrow', () => {
  it('is the element', () =>
    expect(themed('@media (width < 720px){p{a:b}}@media (width>=40px){p{a:b}}', new Map())).toBe(
      '@container modelyard (width < 720px){p{a:b}}@container modelyard (width >= 40px){p{a:b}}',
    ))
  it('other questions to the medium stay', () =>
    expect(themed('@media (prefers-reduced-motion:reduce){p{a:b}}', new Map())).toBe('@media (prefers-reduced-motion:reduce){p{a:b}}'))
})
