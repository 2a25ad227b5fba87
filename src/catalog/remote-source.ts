/** Bytes of a file far away, as a header is read: forwards, in ranges that grow, each answer checked. */
import type { Dispatcher } from 'undici'
import { ModelyardError } from '../contract/index.ts'
import { gatherBytes } from '../platform/gathered-bytes.ts'
import type { ByteSource } from '../util/gguf/byte-source.ts'
import { maxHeaderBytes } from '../util/gguf/header-reader.ts'
import { rawPath } from '../util/raw-path.ts'
import { retryAfterMs } from '../util/retry-after.ts'
import { networkError } from './hub-errors.ts'
import { flat } from './hub-http.ts'
import type { ResolvedFile } from './remote-file.ts'

const firstBytes = 512 * 1024
const mostBytes = 4 * 2 ** 20
/** Of one range; a server may keep a client waiting without ever being silent. */
const wholeMs = 60_000

export function createRemoteSource(outbound: Dispatcher, file: ResolvedFile, signal: AbortSignal): ByteSource {
  let size = file.bytes
  let window = { at: 0, bytes: new Uint8Array(0) as Uint8Array }
  let next = firstBytes

  const fetchWindow = async (position: number, length: number): Promise<void> => {
    const wanted = Math.min(
      Math.max(length, next),
      Math.max(length, maxHeaderBytes - position),
      (size ?? Number.POSITIVE_INFINITY) - position,
    )
    const got = await fetchRange({ outbound, file, start: position, end: position + wanted, size, signal })
    size = got.size
    window = { at: position, bytes: got.bytes }
    next = Math.min(mostBytes, next * 2)
  }

  return {
    get size() {
      return size
    },
    async read(position, length) {
      if (size !== undefined && position >= size) return new Uint8Array(0)
      const known = position - window.at
      if (known < 0 || known >= window.bytes.length) await fetchWindow(position, length)
      return window.bytes.subarray(position - window.at, position - window.at + length)
    },
  }
}

interface RangeRequest {
  readonly outbound: Dispatcher
  readonly file: ResolvedFile
  readonly start: number
  /** Exclusive. */
  readonly end: number
  readonly size: number | undefined
  readonly signal: AbortSignal
}

async function fetchRange(request: RangeRequest): Promise<{ bytes: Uint8Array; size: number }> {
  const { outbound, file, start, end, signal } = request
  const { origin, host } = new URL(file.url)
  try {
    const answer = await outbound.request({
      origin,
      path: rawPath(file.url),
      method: 'GET',
      headers: { 'accept-encoding': 'identity', ...file.headers, range: `bytes=${start}-${end - 1}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]),
    })
    answer.body.on('error', () => {})
    try {
      const span = checkRange(answer.statusCode, flat(answer.headers), request)
      return { bytes: await exactly(answer.body, span.length), size: span.size }
    } finally {
      answer.body.destroy()
    }
  } catch (error) {
    throw networkError(error, signal, host)
  }
}

/** How many bytes come, and how many there are of the file. */
function checkRange(status: number, headers: Record<string, string>, { start, end, size }: RangeRequest): { length: number; size: number } {
  if (status === 429 || status === 503) {
    const wait = retryAfterMs(headers['retry-after'], Date.now())
    throw new ModelyardError('rate_limited', 'Where the Hub keeps its files there is too much to do.', {
      ...(wait !== undefined && { details: { retryAfterMs: wait } }),
    })
  }
  if (status === 416 && start === 0) throw new ModelyardError('not_a_model_file', 'The file is empty.')
  const [, from, to, total] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(headers['content-range'] ?? '') ?? []
  const whole = Number(total)
  const last = Math.min(end, whole) - 1
  if (status !== 206) throw notUnderstood(`it answered ${status}`)
  if (/html|xml|json/i.test(headers['content-type'] ?? '')) throw notUnderstood('it sent a page in place of the file')
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw notUnderstood('it sent an encoded body')
  if (headers['content-range'] === undefined) throw noRange()
  if (total === undefined || Number(from) !== start || Number(to) !== last || !Number.isSafeInteger(whole))
    throw notUnderstood('it sent another range')
  if (size !== undefined && size !== whole) throw notUnderstood(`it says that the file has ${whole} bytes, the Hub says ${size}`)
  return { length: last + 1 - start, size: whole }
}

async function exactly(body: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const gathered = gatherBytes(length, () => notUnderstood('it sent more than it was asked for'))
  for await (const piece of body) gathered.add(piece)
  const bytes = gathered.take()
  if (bytes.length !== length) throw notUnderstood(`it ended ${length - bytes.length} bytes early`)
  return bytes
}

const notUnderstood = (why: string, hint?: string): ModelyardError =>
  new ModelyardError('hub_protocol', `The header of the file cannot be read from where the Hub keeps it: ${why}.`, { hint })

const noRange = (): ModelyardError =>
  notUnderstood(
    'it does not say which part of the file it sent (Content-Range is missing)',
    'A mirror or a proxy that leaves that out cannot be used: name another as HF_ENDPOINT, or use the Hub itself.',
  )
