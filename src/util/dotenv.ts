/**
 * `.env` files, edited by their own lines only. The grammar is the part that dotenv, Node's `parseEnv`, docker compose
 * and shells agree on; where a file is ambiguous about a key of ours, nothing is guessed: the line is named.
 */

export interface DotenvProblem {
  /** 1 is the first line. */
  readonly line: number
  readonly expected: string
  readonly got: string
}

interface Assignment {
  readonly key: string
  readonly line: number
  /** From the line's first character to the end of the value, without the line break. */
  readonly start: number
  readonly end: number
  /** Where the value begins, after `=` and blanks. */
  readonly valueStart: number
  readonly value: string
  /** The value is quoted over several lines. */
  readonly multiline: boolean
}

interface Parsed {
  readonly assignments: readonly Assignment[]
  /** A quote that no line closes, and where. */
  readonly unclosed?: { readonly line: number; readonly start: number; readonly key: string } | undefined
}

export type DotenvEdit = { readonly text: string; readonly changed: boolean } | { readonly problem: DotenvProblem }
export type DotenvRead = { readonly values: ReadonlyMap<string, string> } | { readonly problem: DotenvProblem }

const plainValue = /^[A-Za-z0-9._/:@%+,=-]*$/
const keyShape = /^[A-Za-z_][A-Za-z0-9_.]*$/

/** Can the value stand in a `.env` unquoted and mean the same to every program that reads it? */
export const isPlainValue = (value: string): boolean => plainValue.test(value) && !value.startsWith('~')

/** The values of these keys. An ambiguous key is a problem; keys that are absent are absent. */
export function readDotenv(text: string, keys: readonly string[]): DotenvRead {
  const parsed = parse(text)
  const problem = problemWith(parsed, keys)
  if (problem) return { problem }
  return { values: new Map(parsed.assignments.filter(({ key }) => keys.includes(key)).map(({ key, value }) => [key, value])) }
}

/** Sets (or, with undefined, removes) these keys at once; every other byte stays. */
export function editDotenv(text: string, changes: Readonly<Record<string, string | undefined>>): DotenvEdit {
  const keys = Object.keys(changes)
  for (const key of keys) {
    const value = changes[key]
    if (value !== undefined && !isPlainValue(value))
      return { problem: { line: 0, expected: 'letters, digits and ._/:@%+,=-', got: JSON.stringify(value.slice(0, 80)) } }
  }
  const parsed = parse(text)
  const problem = problemWith(parsed, keys)
  if (problem) return { problem }
  const edited = keys.reduce((current, key) => setKey(current, key, changes[key]), text)
  return { text: edited, changed: edited !== text }
}

function setKey(text: string, key: string, value: string | undefined): string {
  const found = parse(text).assignments.find((one) => one.key === key)
  if (!found) return value === undefined ? text : append(text, `${key}=${value}`)
  if (value === undefined) return text.slice(0, found.start) + text.slice(nextLine(text, found.end))
  if (found.value === value) return text
  return text.slice(0, found.valueStart) + value + text.slice(found.end)
}

const nextLine = (text: string, end: number): number => {
  const newline = text.indexOf('\n', end)
  return newline === -1 ? text.length : newline + 1
}

/** With the line ends of the file; a file without a last line end gets one before, as it would from an editor. */
function append(text: string, line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || text === '\uFEFF' || text.endsWith('\n') ? '' : newline
  return `${text}${gap}${line}${newline}`
}

function problemWith({ assignments, unclosed }: Parsed, keys: readonly string[]): DotenvProblem | undefined {
  for (const key of keys) {
    const own = assignments.filter((one) => one.key === key)
    const [first, second] = own
    if (second) return { line: second.line, expected: `${key} once`, got: `${key} again (first in line ${first?.line})` }
    if (first?.multiline) return { line: first.line, expected: `${key} on one line`, got: 'a value over several lines' }
  }
  if (unclosed)
    return { line: unclosed.line, expected: 'a closing quote', got: `a quote that is never closed, in the value of ${unclosed.key}` }
  return undefined
}

/** One pass; linear in the length of the text. */
function parse(text: string): Parsed {
  const assignments: Assignment[] = []
  let line = 1
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const stop = newline === -1 ? text.length : newline
    const read = readAssignment(text, at, stop, line)
    if (read === 'unclosed') {
      const key = keyOf(text.slice(at, stop))?.key ?? ''
      return { assignments, unclosed: { line, start: at, key } }
    }
    if (read) assignments.push(read)
    const from = read?.multiline ? nextLine(text, read.end) : newline === -1 ? text.length : newline + 1
    line += read?.multiline ? countLines(text, at, from) : 1
    at = from
  }
  return { assignments }
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

/** `KEY=`, with blanks and `export` before it; the offset of what follows the `=` and blanks. */
function keyOf(line: string): { key: string; valueAt: number } | undefined {
  const equals = line.indexOf('=')
  if (equals === -1) return undefined
  const key = line
    .slice(0, equals)
    .trim()
    .replace(/^export\s+/, '')
  if (!keyShape.test(key)) return undefined
  let valueAt = equals + 1
  while (line[valueAt] === ' ' || line[valueAt] === '\t') valueAt += 1
  return { key, valueAt }
}

function readAssignment(text: string, start: number, stop: number, line: number): Assignment | 'unclosed' | undefined {
  const raw = text.slice(start, stop)
  const found = keyOf(raw)
  if (!found) return undefined
  const valueStart = start + found.valueAt
  const quote = text[valueStart]
  if (quote === '"' || quote === "'" || quote === '`') {
    const close = text.indexOf(quote, valueStart + 1)
    if (close === -1) return 'unclosed'
    const inner = text.slice(valueStart + 1, close)
    return {
      key: found.key,
      line,
      start,
      end: close + 1,
      valueStart,
      value: quote === '"' ? inner.replace(/\\n/g, '\n') : inner,
      multiline: inner.includes('\n'),
    }
  }
  const value = unquoted(raw.slice(found.valueAt))
  return { key: found.key, line, start, end: valueStart + value.length, valueStart, value, multiline: false }
}

/** Up to a comment; blanks at the end are none of it. */
function unquoted(rest: string): string {
  const hash = rest.indexOf('#')
  return (hash === -1 ? rest : rest.slice(0, hash)).trimEnd()
}
