import type { Answering } from '../dialect.ts'

/** Now, as this answer's own clock has it. */
export const instantOf = ({ at, clock }: Answering): string => new Date(at + clock()).toISOString()

/** Ollama counts time in nanoseconds. */
export const nanoseconds = (milliseconds: number): number => Math.max(0, Math.round(milliseconds * 1e6))
