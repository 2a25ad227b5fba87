import type { Answering } from '../dialect.ts'

/** Now, as this answer's own clock has it. */
export const instantOf = (answering: Answering): string => instantsOf(answering)()

/** The same again and again. Each line of a stream has one and a date costs more than all else in it: it is made once a second. */
export function instantsOf({ at, clock }: Answering): () => string {
  let second = Number.NaN
  let start = ''
  return () => {
    const now = Math.floor(at + clock())
    if (Math.floor(now / 1000) !== second) {
      second = Math.floor(now / 1000)
      start = new Date(second * 1000).toISOString().slice(0, -'000Z'.length)
    }
    return `${start}${String(now - second * 1000).padStart(3, '0')}Z`
  }
}

/** Ollama counts time in nanoseconds. */
export const nanoseconds = (milliseconds: number): number => Math.max(0, Math.round(milliseconds * 1e6))
