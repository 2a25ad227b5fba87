/** Whether an answer is the bytes that were asked for: every one is checked, since most silent damage comes from not doing it. */
import { createHash } from 'node:crypto'
import { retryAfterMs } from '../util/retry-after.ts'

export interface Span {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

export interface Answer {
  readonly status: number
  /** By name in lower case; the first of several. */
  readonly headers: ReadonlyMap<string, string>
}

/**
 * `whole`: the range was ignored. `renew`: the signed address is not good any more. `page`: something between us and the
 * file speaks in its place. `changed`: another object lies there now. `gone`: none does.
 */
export type Verdict =
  | { readonly kind: 'range' | 'whole' | 'renew' | 'page' | 'changed' | 'gone' }
  | { readonly kind: 'wait'; readonly ms: number | undefined }
  | { readonly kind: 'retry'; readonly why: string }

export interface Expected {
  readonly span: Span
  readonly total: number
  /** Of the object, see `pinOf`. */
  readonly pin: string | undefined
}

export function checkAnswer({ status, headers }: Answer, { span, total, pin }: Expected): Verdict {
  if (status === 401 || status === 403 || status === 410) return { kind: 'renew' }
  if (status === 429 || status === 503) return { kind: 'wait', ms: askedToWait(headers) }
  if (status >= 300 && status < 400) return { kind: 'page' }
  if (status === 404) return { kind: 'gone' }
  if (status === 416) return { kind: 'retry', why: `it has "${shown(headers.get('content-range'))}", expected ${total} bytes` }
  if (status !== 206 && status !== 200) return { kind: 'retry', why: `it answered ${status}` }
  if (/html|xml|json/i.test(headers.get('content-type') ?? '')) return { kind: 'page' }
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return { kind: 'retry', why: 'it sent an encoded body' }
  if (headers.has('transfer-encoding')) return { kind: 'retry', why: 'it sent a body of unknown length' }
  const etag = headers.get('etag')
  if (pin !== undefined && etag !== undefined && pinOf(etag) !== pin) return { kind: 'changed' }
  return checkLength({ status, headers }, span, total)
}

function checkLength({ status, headers }: Answer, span: Span, total: number): Verdict {
  const length = headers.get('content-length')
  const want = status === 200 ? total : span.end - span.start
  if (length !== String(want)) return { kind: 'retry', why: `it sent "${shown(length)}" bytes, expected ${want}` }
  if (status === 200) return { kind: 'whole' }
  const [came, range] = [headers.get('content-range'), `bytes ${span.start}-${span.end - 1}/${total}`]
  // Bytes of another place would be seen by the hash of the whole file, and only there (RFC 9110 15.3.7 asks for it).
  if (came === undefined) return { kind: 'retry', why: 'it does not say which part of the file it sent (Content-Range is missing)' }
  return came === range ? { kind: 'range' } : { kind: 'retry', why: `it sent "${shown(came)}", expected "${range}"` }
}

/** What a stranger sent, fit to be shown. */
const shown = (text = 'nothing'): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)

/** A name for the object that an `ETag` names, short enough for a record of the journal. */
export const pinOf = (etag: string): string =>
  createHash('sha256').update(etag.replace(/^W\//, '').replace(/^"|"$/g, '')).digest('hex').slice(0, 16)

/** `Retry-After` in seconds or as a date (by the server's own clock), else the Hub's `RateLimit: "…";r=0;t=289`. Milliseconds. */
function askedToWait(headers: Answer['headers']): number | undefined {
  const left = /;\s*r=0\s*;\s*t=(\d{1,6})/.exec(headers.get('ratelimit') ?? '')?.[1]
  const now = Date.parse(headers.get('date') ?? '')
  const asked = retryAfterMs(headers.get('retry-after'), Number.isNaN(now) ? Date.now() : now)
  return asked ?? (left === undefined ? undefined : (Number(left) + 1) * 1000)
}
