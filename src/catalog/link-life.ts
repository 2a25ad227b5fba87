/** How long a signed address is good, and when it is to be renewed: on the monotonic clock, which nobody sets. */

/** Of its life. */
const usedShare = 50 / 60
const leastMs = 1000

/** `now` on the monotonic clock. Undefined for an address that does not say. */
export function renewalOf(url: string, date: string | undefined, now: number): number | undefined {
  const ends = endOf(new URL(url).searchParams)
  if (ends === undefined) return undefined
  const said = Date.parse(date ?? '')
  const life = ends - (Number.isFinite(said) ? said : Date.now())
  return now + Math.max(leastMs, life * usedShare)
}

/** In the style of CloudFront (`Expires`, seconds of the epoch), else of S3 and what imitates it (`X-Amz-Date`, `X-Amz-Expires`). */
function endOf(query: URLSearchParams): number | undefined {
  const own = new Map([...query].map(([name, value]) => [name.toLowerCase().replace(/^x-goog-/, 'x-amz-'), value]))
  const expires = seconds(own.get('expires'))
  if (expires !== undefined) return expires
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(own.get('x-amz-date') ?? '') ?? []
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const life = seconds(own.get('x-amz-expires'))
  return life === undefined || !Number.isFinite(signed) ? undefined : signed + life
}

const seconds = (value: string | undefined): number | undefined => (/^\d{1,12}$/.test(value ?? '') ? Number(value) * 1000 : undefined)
