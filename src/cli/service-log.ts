import { type Logger, pino } from 'pino'
import { redact } from '../contract/index.ts'
import type { Io } from './io.ts'
import { logLineText } from './log-line.ts'

/** The log of a service, on standard error: a JSON object on each line, on a terminal words. Written at once, without secrets. */
export function openLog(io: Io): Logger {
  const show = io.live ? (line: string): void => io.err(`${logLineText(line.trimEnd(), io.errColor)}\n`) : io.err
  return pino({ base: null }, { write: (line: string) => show(redact(line)) })
}
