/** The body of a request: of a bounded size, as one buffer, and what its outermost members are. Nobody is held up by a big one. */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { setImmediate as afterOthers } from 'node:timers/promises'
import { ModelyardError } from '../contract/index.ts'
import { type GatheredBytes, gatherBytes } from '../platform/gathered-bytes.ts'
import { JsonFault, type ScannedJson, type ScanOptions, scanJson } from '../util/json/scan-json.ts'
import type { Fields } from './dialect.ts'

export interface Body {
  readonly bytes: Buffer
  /** Where the outermost members lie. */
  readonly members: ScannedJson['members']
  /** An outermost member's value, read at once; undefined where there is none. For small ones. */
  member(name: string): unknown
  /** The first member of a message that is an address which somebody would fetch: its name, lists left out. */
  readonly address: string | undefined
  /** All of it. */
  value(): Promise<Fields>
}

/** Up to here it is read at once: of small objects this takes a few milliseconds. */
const smallBytes = 64 * 1024
const sliceBytes = 128 * 1024
/** Of the form alone, which is looked at much faster. */
const checkedBytes = 4 * 2 ** 20
/** Nobody who means well nests deeper; JSON.parse of what is deeper would recurse. */
const maxDepth = 256
/** Each becomes an object of ours, several times where it is translated: what is small in bytes could take all memory and hold everybody up. */
const maxValues = 250_000
/** Would lead an engine elsewhere, or past what was asked of us. */
const forbidden = ['api_base', 'base_url', 'headers'] as const

/** What may stand as the address of an image, a sound, a film or a file: in the messages of all dialects, not in what tools are called with. */
const addressNames: ReadonlySet<string> = new Set(['url', 'image_url', 'audio_url', 'video_url', 'file_url'])
const addressPath = /^(?:messages|input|prompt)(?:\.(?:content|output))*\.(?:(?:image|audio|video|file)_url|source|input_audio)(?:\.url)?$/
/** The bytes themselves. */
const dataUrl = /^"data:/i
const dataUrlBytes = 6
const quote = 0x22

/** Throws `payload_too_large`, `unsupported_media_type`, `invalid_request`; `cancelled` or what the connection died of when it did. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    throw new ModelyardError('unsupported_media_type', `A body that is encoded (${JSON.stringify(encoding.slice(0, 40))}) is not read.`, {
      hint: 'Send it as it is.',
    })
  return bodyOf(await gather(request, maxBytes))
}

export async function bodyOf(bytes: Buffer): Promise<Body> {
  if (!(await isText(bytes))) throw malformed('it is not UTF-8')
  let address: string | undefined
  const see = (path: readonly string[], start: number): void => {
    if (address !== undefined || bytes[start] !== quote) return
    if (dataUrl.test(bytes.toString('latin1', start, start + dataUrlBytes))) return
    const name = path.join('.')
    if (addressPath.test(name)) address = name
  }
  const found = await scanned(bytes, { make: false, watch: { names: addressNames, see } })
  for (const name of forbidden) if (found.members.has(name)) throw refused(name, 'is not taken from a client')
  for (const name of found.repeated) throw refused(name.slice(0, 100), 'came twice')
  let value: Promise<Fields> | undefined
  return {
    bytes,
    members: found.members,
    address,
    member(name) {
      const place = found.members.get(name)
      return place && (JSON.parse(bytes.toString('utf8', place.start, place.end)) as unknown)
    },
    value() {
      value ??= wholeValue(bytes)
      return value
    },
  }
}

/** In slices that end between two characters. */
async function isText(bytes: Buffer): Promise<boolean> {
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = Math.min(bytes.length, at + checkedBytes)
    while (end < bytes.length && end > at + 1 && isInside(bytes[end])) end -= 1
    if (!isUtf8(bytes.subarray(at, end))) return false
    if (end < bytes.length) await afterOthers()
  }
  return true
}

/** Not the first byte of its character. */
const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

async function wholeValue(bytes: Buffer): Promise<Fields> {
  if (bytes.length <= smallBytes) return JSON.parse(bytes.toString('utf8')) as Fields
  return (await scanned(bytes, { make: true, maxValues })).value as Fields
}

async function scanned(bytes: Buffer, options: Pick<ScanOptions, 'make' | 'maxValues' | 'watch'>): Promise<ScannedJson> {
  const steps = scanJson(bytes, { maxDepth, sliceBytes, ...options })
  try {
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
      await afterOthers()
    }
  } catch (error) {
    if (error instanceof JsonFault) throw malformed(`${error.message} at byte ${error.at}`)
    throw error
  }
}

function gather(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): ModelyardError =>
    new ModelyardError('payload_too_large', `The body has more than the ${maxBytes} bytes that are taken here.`, {
      hint: 'Send less at once.',
    })
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    let whole: Buffer | undefined
    let pieces: GatheredBytes | undefined
    request.on('data', (piece: Buffer) => {
      // Most bodies come in one piece, which need not be copied.
      if (whole === undefined && pieces === undefined && piece.length === length) {
        whole = piece
        return
      }
      try {
        pieces ??= gatherBytes(maxBytes, tooLarge, length)
        if (whole) pieces.add(whole)
        whole = undefined
        pieces.add(piece)
      } catch (error) {
        request.removeAllListeners('data')
        reject(error)
      }
    })
    request.on('end', () => resolve(whole ?? pieces?.take() ?? Buffer.alloc(0)))
    request.on('error', reject)
    request.on('close', () => {
      if (!request.complete) reject(new ModelyardError('cancelled', 'The client left before its request was complete.'))
    })
  })
}

const malformed = (what: string): ModelyardError =>
  new ModelyardError('invalid_request', `The body is not JSON as expected: ${what}.`, { hint: 'Send one JSON object.' })

const refused = (name: string, why: string): ModelyardError =>
  new ModelyardError('invalid_request', `"${name}" ${why}.`, { details: { field: name }, hint: `Leave "${name}" out.` })
