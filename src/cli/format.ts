/** Sizes, times and counts as a person reads them. What is not known is an empty text. */

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Decimal units, two figures at least: `5.2 GB`, `522 MB`. */
export function formatSize(bytes: number | undefined): string {
  if (bytes === undefined) return ''
  let value = bytes
  let unit = 0
  while (round(value) >= 1000 && unit < sizeUnits.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : round(value)} ${sizeUnits[unit]}`
}

const round = (value: number): number => (value < 99.95 ? Math.round(value * 10) / 10 : Math.round(value))

/** `40k` for 40960 and for 40000, `1M`; below a thousand the number itself. */
export function formatContext(tokens: number | undefined): string {
  if (tokens === undefined) return ''
  const base = tokens % 1024 === 0 ? 1024 : 1000
  if (tokens >= base * base && tokens % (base * base) === 0) return `${tokens / (base * base)}M`
  return tokens < 1000 ? String(tokens) : `${Math.round(tokens / base)}k`
}

/** `41 ms`, `2.1 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatMs(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  return formatSpan(Math.round(ms / 1000))
}

/** A longer time in its two largest units. */
export function formatSpan(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  const from = units.findIndex(([size]) => seconds >= size)
  if (from === -1) return '0 s'
  let rest = Math.round(seconds)
  const parts: string[] = []
  for (const [size, name] of units.slice(from, from + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${name}`)
  }
  return parts.join(' ')
}

/** `3 min ago`, `in 4 min`, in its largest unit only. */
export function formatWhen(iso: string | undefined, now = Date.now()): string {
  if (iso === undefined) return ''
  const seconds = Math.round((Date.parse(iso) - now) / 1000)
  if (Number.isNaN(seconds)) return ''
  if (Math.abs(seconds) < 1) return 'now'
  const span = formatSpan(Math.abs(seconds)).split(' ').slice(0, 2).join(' ')
  return seconds < 0 ? `${span} ago` : `in ${span}`
}

const countUnits = ['', 'k', 'M', 'B', 'T']

/** `8.2B` parameters, `31k` downloads. */
export function formatCount(count: number | undefined): string {
  if (count === undefined) return ''
  let value = count
  let unit = 0
  while (round(value) >= 1000 && unit < countUnits.length - 1) {
    value /= 1000
    unit++
  }
  return `${round(value)}${countUnits[unit]}`
}
