/**
 * Signing browsers in: a code that a person carries from a terminal to a page, exchanged once for a token of that
 * browser. Codes are in memory alone: a restart forgets them.
 */
import { randomBytes } from 'node:crypto'
import { type BrowserSession, ModelyardError, type SessionCode } from '../contract/index.ts'
import { browserLabel } from './browser-label.ts'
import type { Yard } from './yard.ts'

export interface SessionOptions {
  readonly tokens: {
    createBrowser(label: string): Promise<BrowserSession>
    signOut(token: string): Promise<void>
  }
  readonly now: () => number
  /** How a code is kept. */
  readonly digest: (code: string) => Buffer
}

const codeMs = 60_000
/** Of those that are still good; the oldest makes room. */
const maxCodes = 16
const guessMs = 60_000
const maxGuesses = 5

export function createSession({ tokens, now, digest }: SessionOptions): Yard['session'] {
  /** By hash, so that looking one up tells nothing by its time; oldest first. */
  const codes = new Map<string, number>()
  let guesses: number[] = []
  const keyOf = (code: string): string => digest(code).toString('hex')

  const dropOld = (): void => {
    for (const [key, until] of codes) if (until <= now()) codes.delete(key)
  }
  /** True for one caller: nothing is waited for between looking and taking. */
  const take = (code: string): boolean => {
    dropOld()
    return codes.delete(keyOf(code))
  }
  /**
   * 160 random bits cannot be guessed in their minute, so a right code is never refused: else whoever guesses could
   * keep a person out. What is limited is the guessing itself.
   */
  const wrong = (): ModelyardError => {
    guesses = guesses.filter((at) => now() - at < guessMs)
    const [first] = guesses
    if (first !== undefined && guesses.length >= maxGuesses) return tooManyGuesses(first + guessMs - now())
    guesses.push(now())
    return new ModelyardError('unauthorized', 'The code is not right, or it was used already, or its minute is over.', { hint })
  }

  return {
    code(): SessionCode {
      dropOld()
      for (const key of [...codes.keys()].slice(0, Math.max(0, codes.size + 1 - maxCodes))) codes.delete(key)
      const code = randomBytes(20).toString('base64url')
      const until = now() + codeMs
      codes.set(keyOf(code), until)
      return { code, expiresAt: new Date(until).toISOString() }
    },
    async signIn(code, { userAgent } = {}) {
      if (!take(code)) throw wrong()
      return tokens.createBrowser(browserLabel(userAgent))
    },
    signOut: (token) => tokens.signOut(token),
  }
}

const hint = '`modelyard open` opens the page with a new one.'

const tooManyGuesses = (ms: number): ModelyardError =>
  new ModelyardError('rate_limited', 'Too many wrong codes.', { hint, details: { retryAfterSeconds: Math.ceil(ms / 1000) } })
