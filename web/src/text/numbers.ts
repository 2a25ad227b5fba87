/** Numbers, sizes and times in the browser's own language. Sizes in decimal units; a context in tokens: 40k. */

/** Undefined: that of the browser. Tests name one. */
let locale: string | undefined

export function setLocale(name: string | undefined): void {
  locale = name
  formats.clear()
}

const formats = new Map<string, Intl.NumberFormat>()

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options)
  const made = formats.get(key) ?? new Intl.NumberFormat(locale, options)
  formats.set(key, made)
  return made
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

/** `5.2 GB`. Bytes and kilobytes are whole. */
export function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3 + 1e-9))
  const value = bytes / 1000 ** power
  const digits = power < 2 || value >= 100 ? 0 : 1
  return format({
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: digits,
  }).format(value)
}

/** `9.4 MB/s`. */
export const rateText = (bytesPerSecond: number): string => `${sizeText(bytesPerSecond)}/s`

export const countText = (count: number): string => format({}).format(count)
export const decimalText = (value: number, digits = 1): string => format({ maximumFractionDigits: digits }).format(value)
/** `8.2B`, `91K`: where three digits are enough. */
export const compactText = (value: number): string => format({ notation: 'compact', maximumFractionDigits: 1 }).format(value)
/** `43%`; beside bytes only. Rounded down: whole is whole. */
export const shareText = (share: number): string => format({ style: 'percent' }).format(Math.floor(share * 100) / 100)

/** `40k`, `128k`, `1M`: as people call contexts, in thousands or in 1024s, whichever it is a round number of. */
export function tokensText(tokens: number): string {
  if (tokens < 1000) return countText(tokens)
  const [unit, base] =
    tokens >= 1_000_000
      ? (['M', tokens % 1_048_576 === 0 ? 1_048_576 : 1_000_000] as const)
      : (['k', tokens % 1024 === 0 ? 1024 : 1000] as const)
  return `${decimalText(tokens / base, 1)}${unit}`
}

/** `420 ms`, `2.1 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  const unit = (value: number, name: string, digits = 0): string =>
    format({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value)
  if (ms < 1000) return unit(Math.round(ms), 'millisecond')
  if (ms < 10_000) return unit(ms / 1000, 'second', 1)
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return unit(seconds, 'second')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? unit(minutes, 'minute') : `${unit(minutes, 'minute')} ${unit(seconds % 60, 'second')}`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** `3 minutes ago`; less than a minute ago is `now`. */
export function agoText(at: string | number, now: number): string {
  const ms = now - new Date(at).getTime()
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  const [unit, size] = steps.find(([, one]) => ms >= one) ?? (['second', 1000] as const)
  return relative.format(unit === 'second' ? 0 : -Math.floor(ms / size), unit)
}

export const clockText = (at: string | number): string =>
  new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
export const dateTimeText = (at: string | number): string =>
  new Date(at).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })
/** `14:05`. */
export const minuteText = (at: string | number): string => new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })
