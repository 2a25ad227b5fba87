/** Numbers as people type them, judged as the service judges them. */
import { beforeEach, describe, expect, it } from 'vitest'
import { settingsPatch } from '../../../src/contract/effective.ts'
import { slotName } from '../../../src/contract/names.ts'
import { rateTyped, readNumber, readOptional, readRate } from '../../../web/src/panels/settings/read-number.ts'
import { slotNameFault } from '../../../web/src/panels/settings/slot-name.ts'
import { setLocale } from '../../../web/src/text/numbers.ts'

beforeEach(() => setLocale('en'))

describe('a number', () => {
  const rule = { least: 0, most: 86_400 }

  it('is taken with a point or a comma, and with blanks around it', () => {
    for (const [typed, value] of [
      ['300', 300],
      [' 0.5 ', 0.5],
      ['0,5', 0.5],
      ['0', 0],
      ['86400', 86_400],
    ] as const)
      expect(readNumber(typed, rule)).toEqual({ value })
  })

  it('is refused in words where it is none, too small, too large, or not whole', () => {
    for (const typed of ['', 'many', '-1', '1e3', '1.2.3', '1 000', 'Infinity', '0x10'])
      expect(readNumber(typed, rule)).toEqual({ fault: 'A number is needed here.' })
    expect(readNumber('86401', rule)).toEqual({ fault: 'At most 86,400.' })
    expect(readNumber('0', { ...rule, least: 1 })).toEqual({ fault: 'At least 1.' })
    expect(readNumber('1.5', { ...rule, whole: true })).toEqual({ fault: 'A whole number is needed here.' })
  })

  it('may be left out where nothing means no limit', () => {
    expect(readOptional('  ', rule)).toEqual({ value: null })
    expect(readOptional('7', rule)).toEqual({ value: 7 })
  })
})

describe('a speed', () => {
  it('is megabytes a second, and comes back as it was typed', () => {
    expect(readRate('2.5')).toEqual({ value: 2_500_000 })
    expect(readRate('')).toEqual({ value: null })
    for (const typed of ['2.5', '0.002', '1000000', '']) {
      const read = readRate(typed)
      expect(rateTyped('value' in read ? read.value : -1)).toBe(typed)
    }
  })

  it('is never one that the service refuses', () => {
    for (const typed of ['0.002', '0.0020001', '0.001024', '1000000', '3.1415926', '']) {
      const read = readRate(typed)
      if ('value' in read) expect([typed, settingsPatch.safeParse({ hub: { bytesPerSecond: read.value } }).success]).toEqual([typed, true])
    }
    expect(readRate('0')).toEqual({ fault: 'At least 0.002.' })
    expect(readRate('1000001')).toEqual({ fault: 'At most 1,000,000.' })
  })
})

it('a name of a slot is judged as the service judges it', () => {
  for (const name of ['code', 'a', 'a-', 'x'.repeat(32), '', '1a', 'A', 'a_b', 'a b', 'x'.repeat(33), 'a\n'])
    expect([name, slotNameFault(name, [])]).toEqual([name, slotName.safeParse(name).success ? undefined : 'form'])
  expect(slotNameFault('code', ['code'])).toBe('taken')
})
