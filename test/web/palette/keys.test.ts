/** Which key asks for what, and that a person who types is left alone. */
import { describe, expect, it } from 'vitest'
import { actionOf, commandText, keys, keyText, type Pressed } from '../../../web/src/palette/keys.ts'
import { en } from '../../../web/src/text/en.ts'

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more })

describe('keys', () => {
  it.each([
    [press('k', { ctrlKey: true }), 'palette'],
    [press('K', { metaKey: true }), 'palette'],
    [press('/'), 'filter'],
    [press('?'), 'keys'],
  ])('%o', (pressed, action) => expect(actionOf(pressed, false)).toBe(action))

  it.each([
    press('k'),
    press('/', { ctrlKey: true }),
    press('k', { ctrlKey: true, altKey: true }),
    press('k', { ctrlKey: true, repeat: true }),
    press('/', { isComposing: true }),
    press('Enter'),
    press('Escape'),
  ])('nothing for %o', (pressed) => expect(actionOf(pressed, false)).toBe(undefined))

  it('are characters where somebody types, but for the one with Ctrl', () => {
    expect(actionOf(press('/'), true)).toBe(undefined)
    expect(actionOf(press('?'), true)).toBe(undefined)
    expect(actionOf(press('k', { ctrlKey: true }), true)).toBe('palette')
  })
  it('that are obeyed are all shown, with words', () => {
    for (const { name } of keys) expect(en.palette.keys[name].length).toBeGreaterThan(3)
    expect(keys.map(({ name }) => name).sort()).toEqual(Object.keys(en.palette.keys).sort())
  })
  it('are called as they are printed', () => {
    expect([keyText('k', true), keyText('ArrowUp', false), keyText('Escape', false), keyText('Home', false)]).toEqual([
      'K',
      '↑',
      'Esc',
      'Home',
    ])
    expect([commandText(true), commandText(false)]).toEqual(['⌘', 'Ctrl'])
  })
})
