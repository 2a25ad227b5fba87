/** One request for a span of a file: checked before its first byte is believed, handed over piece by piece. */
import type { Dispatcher } from 'undici'
import { bare, checkAnswer, notUnderstood, type Span } from './check-answer.ts'
import type { DownloadLimits } from './downloads.ts'
import { ComeAgain, LinkRefused } from './failures.ts'
import type { Link, Links } from './links.ts'

/** The range was ignored: the whole file would come. */
export class RangeIgnored extends Error {}

export interface Source {
  readonly dispatcher: Dispatcher
  readonly links: Links
  readonly bytes: number
  readonly gguf: boolean
  readonly limits: DownloadLimits
  /** Of the object, from the Hub or the first answer on. */
  etag?: string | undefined
}

const magic = Buffer.from('GGUF')

/** `whole`: without a range, as a server wants it that knows none; `span` is then the whole file. */
export async function* readSpan(source: Source, span: Span, whole: boolean, signal: AbortSignal): AsyncGenerator<Buffer> {
  const link = await source.links.current(signal)
  const { origin } = new URL(link.url)
  const { statusCode, headers, body } = await source.dispatcher.request({
    origin,
    path: pathOf(link),
    method: 'GET',
    headers: {
      'user-agent': 'modelyard',
      'accept-encoding': 'identity',
      ...link.headers,
      ...(!whole && { range: `bytes=${span.start}-${span.end - 1}` }),
    },
    headersTimeout: source.limits.headersMs,
    bodyTimeout: source.limits.stallMs,
    signal,
  })
  body.on('error', () => undefined)
  try {
    source.etag ??= link.etag
    const verdict = checkAnswer({ status: statusCode, headers }, span, source.bytes, source.etag, Date.now())
    if (verdict.kind === 'renew') {
      throw new LinkRefused(source.links.refused(link))
    }
    if (verdict.kind === 'wait') throw new ComeAgain(verdict.ms)
    if (verdict.kind === 'verify') throw notUnderstood('it says that the file ends before its promised size')
    if (verdict.kind === 'retry') throw notUnderstood(verdict.why)
    if (verdict.kind === 'whole' && !whole) throw new RangeIgnored()
    const etag = [headers.etag].flat()[0]
    if (etag !== undefined) source.etag ??= bare(etag)
    yield* checked(body, span, source.gguf)
  } finally {
    body.destroy()
  }
}

/** The signature is over the address as it was given: no parser may write it anew. */
function pathOf({ url }: Link): string {
  const slash = url.indexOf('/', url.indexOf('//') + 2)
  return slash === -1 ? '/' : url.slice(slash)
}

async function* checked(body: AsyncIterable<Buffer>, span: Span, gguf: boolean): AsyncGenerator<Buffer> {
  let left = span.end - span.start
  let head: Buffer | undefined = gguf && span.start === 0 ? Buffer.alloc(0) : undefined
  for await (const came of body) {
    let piece: Buffer = came
    if (head) {
      head = Buffer.concat([head, came])
      if (head.length < magic.length && head.length < left) continue
      if (!head.subarray(0, magic.length).equals(magic)) throw notUnderstood('what it sent is no GGUF file')
      piece = head
      head = undefined
    }
    if (piece.length > left) throw notUnderstood('it sent more than it was asked for')
    left -= piece.length
    yield piece
  }
  if (left > 0) throw notUnderstood(`it ended ${left} bytes early`)
}
