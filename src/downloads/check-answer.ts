/** Whether an answer is the bytes that were asked for: every one is checked, since most silent damage comes from not doing it. */
import { ModelyardError } from '../contract/index.ts'

export interface Span {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

export interface Answer {
  readonly status: number
  /** Lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** `whole`: the range was ignored. `renew`: the signed address is not good any more. `verify`: we have more than it thinks. */
export type Verdict =
  | { readonly kind: 'range' | 'whole' | 'renew' | 'verify' }
  | { readonly kind: 'wait'; readonly ms: number | undefined }
  | { readonly kind: 'retry'; readonly why: string }

export function checkAnswer({ status, headers }: Answer, asked: Span, total: number, etag: string | undefined, now: number): Verdict {
  const header = (name: string): string | undefined => [headers[name]].flat()[0]
  if (status === 401 || status === 403 || status === 410) return { kind: 'renew' }
  if (status === 416) return { kind: 'verify' }
  if (status === 429 || status === 503) return { kind: 'wait', ms: retryAfter(header('retry-after'), now) }
  if (status !== 206 && status !== 200) return { kind: 'retry', why: `it answered ${status}` }
  if (/html|xml|json/i.test(header('content-type') ?? ''))
    return { kind: 'retry', why: `it sent ${header('content-type')} in place of the file` }
  if ((header('content-encoding') ?? 'identity') !== 'identity') return { kind: 'retry', why: 'it sent an encoded body' }
  if (header('transfer-encoding') !== undefined) return { kind: 'retry', why: 'it sent a body of unknown length' }
  const came = header('etag')
  if (etag !== undefined && came !== undefined && bare(came) !== bare(etag)) return { kind: 'retry', why: 'the object is another one now' }
  const length = Number(header('content-length') ?? Number.NaN)
  if (status === 200) {
    return length === total ? { kind: 'whole' } : { kind: 'retry', why: `it sent ${length} bytes, expected ${total}` }
  }
  const expected = `bytes ${asked.start}-${asked.end - 1}/${total}`
  if (header('content-range') !== expected) return { kind: 'retry', why: `it sent "${header('content-range')}", expected "${expected}"` }
  if (length !== asked.end - asked.start) return { kind: 'retry', why: `it sent ${length} bytes, expected ${asked.end - asked.start}` }
  return { kind: 'range' }
}

export const bare = (etag: string): string => etag.replace(/^W\//, '').replace(/^"|"$/g, '')

/** Seconds or an HTTP date. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

export const notUnderstood = (why: string): ModelyardError => new ModelyardError('hub_protocol', `The download cannot go on: ${why}.`)
