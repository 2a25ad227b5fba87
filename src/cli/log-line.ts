import type { Io } from './io.ts'
import { visible } from './visible.ts'

const levels: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

/** Members that every line has and nobody wants to read again. */
const wellKnown = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'v'])

/** A line of the service's log for a person: time, level, text, then what else it carries. */
export function logLineText(line: string, color: Io['color']): string {
  const entry = parseEntry(line)
  if (entry?.level === undefined) return visible(line)
  const level = levels[Number(entry.level)] ?? String(entry.level)
  const paint = level === 'error' || level === 'fatal' ? color.red : level === 'warn' ? color.yellow : color.dim
  const rest = Object.entries(entry).filter(([name]) => !wellKnown.has(name))
  const more = rest.map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('')
  return `${timeText(entry.time)} ${paint(level.padEnd(5))} ${visible(String(entry.msg ?? ''))}${color.dim(visible(more))}`
}

/** Every line as one JSON document: what is none is wrapped. */
export const logLineDocument = (line: string): unknown => parseEntry(line) ?? { msg: line }

function parseEntry(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function timeText(time: unknown): string {
  const date = new Date(typeof time === 'number' || typeof time === 'string' ? time : Number.NaN)
  return Number.isNaN(date.getTime()) ? ' '.repeat(19) : date.toISOString().slice(0, 19).replace('T', ' ')
}
