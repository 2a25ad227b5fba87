/**
 * JSON of any size in small steps: a strict reader (RFC 8259) that gives way between slices, tells where the members of
 * the outermost object lie, and makes the value only when it is asked to. `JSON.parse` holds the thread for as long as a
 * body is big, forgets a name that comes twice and recurses as deep as somebody likes.
 */
export interface Member {
  /** Of its value, in bytes; the end is exclusive. */
  readonly start: number
  readonly end: number
}

export interface ScannedJson {
  /** Members of the outermost object; of a name that comes twice, the last. */
  readonly members: ReadonlyMap<string, Member>
  /** Names that came twice there. */
  readonly repeated: ReadonlySet<string>
  /** Present when it was to be made. */
  readonly value?: Record<string, unknown>
}

export interface ScanOptions {
  readonly maxDepth: number
  /** It gives way after each so many bytes. */
  readonly sliceBytes: number
  readonly make: boolean
  /** Where members of these names have their values, however deep. */
  readonly watch?: Watch | undefined
}

export interface Watch {
  readonly names: ReadonlySet<string>
  /** `path`: names from the outermost object on, those of lists left out. `start`: of the value, in bytes. */
  see(path: readonly string[], start: number): void
}

export class JsonFault extends Error {
  /** In bytes from the beginning. */
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c]
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const maxNumberChars = 1000
/** At one place: more is no way of writing, and would be read at once. */
const maxSpace = 2 ** 20

type Made = Record<string, unknown> | unknown[]
/** What may come next: a value; a value or the end of an empty list; a name; a name or the end; what follows a value. */
type Expected = 'value' | 'first' | 'name' | 'first-name' | 'more'

/** Throws `JsonFault`: what is wrong, and where. The bytes are valid UTF-8. */
export function* scanJson(bytes: Buffer, { maxDepth, sliceBytes, make, watch }: ScanOptions): Generator<void, ScannedJson> {
  const members = new Map<string, Member>()
  const repeated = new Set<string>()
  /** For each open bracket: is it an object's? */
  const objects: boolean[] = []
  const made: Made[] = []
  const names: string[] = []
  let expected = 'value' as Expected
  let memberStart = 0
  let at = skipSpace(bytes, 0)
  let pauseAt = sliceBytes
  let value: unknown

  if (bytes[at] !== openObject) throw new JsonFault('expected an object', at)
  while (at < bytes.length) {
    if (at >= pauseAt) {
      yield
      pauseAt = at + sliceBytes
    }
    const byte = bytes[at] as number
    if (expected === 'more') {
      const inObject = objects[objects.length - 1]
      if (byte === comma) {
        expected = inObject ? 'name' : 'value'
        at = skipSpace(bytes, at + 1)
        continue
      }
      if (byte !== (inObject ? closeObject : closeArray))
        throw new JsonFault(`expected a comma or the end of ${inObject ? 'the object' : 'the list'}`, at)
      at = close(at)
      if (objects.length === 0) break
      at = skipSpace(bytes, at)
      continue
    }
    if (expected === 'name' || expected === 'first-name') {
      if (byte === closeObject && expected === 'first-name') {
        at = close(at)
        if (objects.length === 0) break
        at = skipSpace(bytes, at)
        continue
      }
      if (byte !== quote) throw new JsonFault('expected a name in double quotes', at)
      const end = yield* endOfString(bytes, at, sliceBytes)
      const name = textOf(bytes, at, end)
      names[objects.length - 1] = name
      at = skipSpace(bytes, end)
      if (bytes[at] !== colon) throw new JsonFault('expected a colon after the name', at)
      at = skipSpace(bytes, at + 1)
      if (objects.length === 1) memberStart = at
      if (watch?.names.has(name))
        watch.see(
          names.filter((_, level) => objects[level]),
          at,
        )
      expected = 'value'
      continue
    }
    if (byte === openObject || byte === openArray) {
      if (objects.length >= maxDepth) throw new JsonFault(`deeper than ${maxDepth} levels`, at)
      objects.push(byte === openObject)
      if (make) made.push(byte === openObject ? {} : [])
      expected = byte === openObject ? 'first-name' : 'first'
      at = skipSpace(bytes, at + 1)
      continue
    }
    if (byte === closeArray && expected === 'first') {
      at = close(at)
      at = skipSpace(bytes, at)
      continue
    }
    const start = at
    if (byte === quote) {
      at = yield* endOfString(bytes, at, sliceBytes)
      if (make) value = textOf(bytes, start, at)
    } else {
      at = endOfWord(bytes, at)
      value = wordOf(bytes.toString('latin1', start, at), start)
    }
    taken(at)
    at = skipSpace(bytes, at)
  }
  if (objects.length > 0) throw new JsonFault('it ends too early', bytes.length)
  at = skipSpace(bytes, at)
  if (at < bytes.length) throw new JsonFault('something follows the object', at)
  return { members, repeated, ...(make && { value: value as Record<string, unknown> }) }

  /** The innermost list or object ends here. The position after it. */
  function close(position: number): number {
    objects.pop()
    if (make) value = made.pop()
    if (objects.length > 0) taken(position + 1)
    return position + 1
  }

  /** A value is complete: it goes where it belongs. */
  function taken(end: number): void {
    const inObject = objects[objects.length - 1]
    const name = names[objects.length - 1] as string
    if (objects.length === 1) {
      if (members.has(name)) repeated.add(name)
      members.set(name, { start: memberStart, end })
    }
    if (make) put(made[made.length - 1] as Made, inObject ? name : undefined, value)
    expected = 'more'
  }
}

function put(into: Made, name: string | undefined, value: unknown): void {
  if (Array.isArray(into)) into.push(value)
  // Assigned, this one would become the object's prototype.
  else if (name === '__proto__') Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true })
  else into[name as string] = value
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1
  if (at - from > maxSpace) throw new JsonFault('a megabyte of white space', from)
  return at
}

/** After the closing quote of the string that begins here. */
function* endOfString(bytes: Buffer, start: number, sliceBytes: number): Generator<void, number> {
  let at = start + 1
  let pauseAt = at + sliceBytes
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (byte === quote) return at + 1
    if (byte === backslash) at = endOfEscape(bytes, at)
    else if (byte < 0x20) throw new JsonFault('a control character inside a text', at)
    if (at >= pauseAt) {
      yield
      pauseAt = at + sliceBytes
    }
  }
  throw new JsonFault('a text without its end', start)
}

/** The last byte of the escape. */
function endOfEscape(bytes: Buffer, at: number): number {
  const what = bytes[at + 1]
  if (what === 0x75) {
    if (!/^[0-9a-fA-F]{4}$/.test(bytes.toString('latin1', at + 2, at + 6))) throw new JsonFault('a damaged \\u escape', at)
    return at + 5
  }
  if (what === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(what))) throw new JsonFault('an unknown escape', at)
  return at + 1
}

function textOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1)
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
}

function endOfWord(bytes: Buffer, from: number): number {
  let at = from
  for (; at < bytes.length && at - from <= maxNumberChars; at += 1) {
    const byte = bytes[at] as number
    const isWord =
      (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x45
    if (!isWord) break
  }
  return at
}

function wordOf(word: string, at: number): unknown {
  if (word === 'true') return true
  if (word === 'false') return false
  if (word === 'null') return null
  if (word.length <= maxNumberChars && number.test(word)) return Number(word)
  throw new JsonFault('expected a value', at)
}
