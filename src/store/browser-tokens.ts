/** Tokens of browsers: what they are called, and when they end by themselves. */
import { randomBytes } from 'node:crypto'
import type { AppToken } from '../contract/index.ts'

/** From the last use. */
export const browserIdleMs = 30 * 24 * 60 * 60 * 1000
const maxBrowsers = 32

interface Used {
  readonly record: Pick<AppToken, 'kind' | 'createdAt'>
  /** 0: never. */
  readonly usedAt: number
}

const lastUseOf = ({ record, usedAt }: Used): number => Math.max(usedAt, Date.parse(record.createdAt))

/** Only a browser's ends by being left alone. */
export const isIdle = (one: Used, now: number): boolean => one.record.kind === 'browser' && now - lastUseOf(one) >= browserIdleMs

/** Those that have to go before one more may come: a person is not refused because old ones were left behind. */
export function tooManyOf<T extends Used>(all: readonly T[], now: number): T[] {
  const browsers = all.filter(({ record }) => record.kind === 'browser').sort((a, b) => lastUseOf(a) - lastUseOf(b))
  return browsers.filter((one, at) => isIdle(one, now) || at <= browsers.length - maxBrowsers)
}

/** Such as `browser-firefox-3f2a`. `label` has to fit the grammar of names. */
export function browserName(label: string, isTaken: (name: string) => boolean): string {
  for (;;) {
    const name = `browser-${label}-${randomBytes(2).toString('hex')}`
    if (!isTaken(name)) return name
  }
}
