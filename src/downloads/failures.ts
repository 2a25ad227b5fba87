/** What a failure means for a download: wait and for what, try again, or end. */
import { setTimeout as after } from 'node:timers/promises'
import { ModelyardError } from '../contract/error.ts'
import type { DownloadLimits, DownloadProgress } from './downloads.ts'

export type Waiting = NonNullable<DownloadProgress['waitingFor']>

/** It said that it has too much to do, and perhaps when to come again. */
export class ComeAgain extends Error {
  readonly ms: number | undefined
  constructor(ms: number | undefined) {
    super('it has too much to do')
    this.ms = ms
  }
}

/** The signed address was refused. `current`: the newest one, not one that was renewed meanwhile. */
export class LinkRefused extends Error {
  readonly current: boolean
  constructor(current: boolean) {
    super('its signed address was refused')
    this.current = current
  }
}

/** No byte came for too long. */
export class Silent extends Error {
  constructor(phase: string) {
    super(`nothing came (${phase})`)
  }
}

/** Something between us and the file answered in its place: a sign-in page, a proxy. */
export class InBetween extends Error {
  readonly why: Waiting
  constructor(message: string, why: Waiting = 'network') {
    super(message)
    this.why = why
  }
}

/** Nobody's fault: it is asked for again at once. The machine slept, a lane was slow, a kept connection was closed meanwhile. */
export class Woken extends Error {
  constructor() {
    super('the connection was given up')
  }
}

export type Meaning =
  | { readonly kind: 'again' | 'renewed' | 'try' | 'end' }
  | { readonly kind: 'wait'; readonly why: Waiting; readonly ms?: number | undefined }

/** With what a portal does that has its own address for every name. */
const networkGone = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|ETIMEDOUT|EPRIVATE)$/
/** Of a certificate: a portal or a proxy in between shows its own. Names: doc/api/errors.md and tls.md of Node, verify.h of OpenSSL. */
const notTrusted = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|^ERR_TLS/
const diskFull = /^(ENOSPC|EDQUOT|EIO)$/
const longestWaitMs = 3_600_000

/** `begun`: bytes have come before. What then is lost comes back; what was never there is told. */
export function meaningOf(error: unknown, begun: boolean): Meaning {
  if (error instanceof Woken) return { kind: 'again' }
  if (error instanceof LinkRefused) return error.current ? { kind: 'renewed' } : { kind: 'again' }
  if (error instanceof ComeAgain) return { kind: 'wait', why: 'rate-limit', ms: error.ms }
  if (error instanceof InBetween) return { kind: 'wait', why: error.why }
  if (error instanceof Silent) return { kind: 'wait', why: 'network' }
  if (ModelyardError.is(error)) return meaningOfOurs(error, begun)
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] }
  // One for each address that a name has.
  if (code === undefined && errors?.[0] !== undefined) return meaningOf(errors[0], begun)
  if (diskFull.test(code ?? '')) return { kind: 'wait', why: 'disk' }
  if (networkGone.test(code ?? '') || notTrusted.test(code ?? '')) return { kind: 'wait', why: 'network' }
  return { kind: 'try' }
}

/** Passes when somebody makes room. */
export function isFull(error: unknown): boolean {
  const meaning = meaningOf(error, true)
  return meaning.kind === 'wait' && meaning.why === 'disk'
}

function meaningOfOurs({ code, details, retryable }: ModelyardError, begun: boolean): Meaning {
  const ms = details?.retryAfterMs
  if (code === 'rate_limited') return { kind: 'wait', why: 'rate-limit', ms: typeof ms === 'number' ? ms : undefined }
  if (code === 'hub_unreachable' || code === 'timeout') return { kind: 'wait', why: 'network' }
  if (begun && (code === 'hub_protocol' || code === 'hub_redirect')) return { kind: 'wait', why: 'network' }
  if (begun && (code === 'gated' || code === 'repo_not_found')) return { kind: 'wait', why: 'sign-in' }
  return { kind: retryable ? 'try' : 'end' }
}

export interface Failures {
  /** So many bytes came. */
  progressed(bytes: number): void
  /** Answers when something may be asked: nobody goes on before the time that one was told. */
  ready(): Promise<void>
  /** For a failure of what began with this; many lanes that fail at once are one failure. */
  readonly round: number
  /** Answers when it may be tried again; throws when it is not to be. */
  after(error: unknown, round: number, onWaiting: (why: Waiting | undefined) => void): Promise<void>
}

/** Without progress between them. */
const mostTries = 6
const mostRenewals = 3
/** So much is progress. */
const progressBytes = 65_536

export interface FailuresOptions {
  readonly limits: DownloadLimits
  readonly signal: AbortSignal
  readonly begun: () => boolean
  /** What a test need not wait for. */
  readonly sleep?: (ms: number) => Promise<void>
}

export function createFailures({ limits, signal, begun, sleep = (ms) => after(ms, undefined, { signal }) }: FailuresOptions): Failures {
  let counts = { tries: 0, renewals: 0, waits: 0 }
  let came = 0
  let round = 0
  let closed: Promise<void> | undefined
  const jitter = (times: number): number => Math.random() * Math.min(limits.pauseMs[1], limits.pauseMs[0] * 2 ** times)
  const pauseFor = (why: Waiting, asked: number | undefined): number => {
    if (asked !== undefined) return Math.min(asked, longestWaitMs)
    if (why === 'disk') return limits.diskMs
    return why === 'sign-in' ? limits.signInMs : Math.min(limits.pauseMs[1], limits.pauseMs[0] + jitter(counts.waits))
  }
  const wait = async (ms: number, asked: boolean): Promise<void> => {
    const over = sleep(ms)
    if (asked) closed = over
    await over
    if (closed === over) closed = undefined
  }
  return {
    progressed(bytes) {
      came += bytes
      if (came < progressBytes) return
      came = 0
      counts = { tries: 0, renewals: 0, waits: 0 }
    },
    async ready() {
      while (closed) await closed
    },
    get round() {
      return round
    },
    async after(error, began, onWaiting) {
      signal.throwIfAborted()
      const meaning = meaningOf(error, begun())
      if (meaning.kind === 'again') return
      const first = began === round
      if (first) round += 1
      const times = first ? 1 : 0
      if (meaning.kind === 'end') throw given(error)
      if (meaning.kind === 'wait') {
        counts.waits += times
        onWaiting(meaning.why)
        await wait(pauseFor(meaning.why, meaning.ms), meaning.ms !== undefined)
        return onWaiting(undefined)
      }
      if (meaning.kind === 'renewed') counts.renewals += times
      else counts.tries += times
      if (counts.renewals > mostRenewals || counts.tries >= mostTries) throw given(error)
      if (meaning.kind === 'try') await wait(jitter(counts.tries), false)
    },
  }
}

const hint =
  'Try again later; where it stays so, something in between or a mirror (HF_ENDPOINT) is at fault: use another, or the Hub itself.'

function given(error: unknown): ModelyardError {
  if (ModelyardError.is(error)) return error
  const why = error instanceof Error ? error.message : String(error)
  return new ModelyardError('hub_protocol', `The download got no further: ${why}.`, { cause: error, hint })
}
