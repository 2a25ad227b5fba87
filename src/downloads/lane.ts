/** One connection's work: spans into blocks, going on at the very byte where it broke. */
import { untilAborted } from '../platform/until-aborted.ts'
import type { Share } from './bandwidth.ts'
import { type Answer, checkAnswer, pinOf, type Span } from './check-answer.ts'
import { type Connection, createConnection, type Reader } from './connection.ts'
import { ComeAgain, type Failures, InBetween, isFull, LinkRefused, type Waiting } from './failures.ts'
import { blockBytes, sizeOfBlock } from './journal.ts'
import type { Link, Links } from './links.ts'
import type { Partial } from './partial.ts'
import { requestOf, targetOf } from './request.ts'

/** The range was ignored: the whole file would come. */
export class RangeIgnored extends Error {}

export interface LaneWork {
  readonly partial: Partial
  readonly bytes: number
  readonly gguf: boolean
  readonly links: Links
  readonly failures: Failures
  readonly share: Share
  readonly ca: string | undefined
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
  /** It was written. */
  readonly onBlock: () => void
  readonly onTrouble: (error: unknown) => void
}

export interface Lane {
  readonly connection: Connection | undefined
  /** Bytes so far. */
  readonly received: number
  readonly waitingFor: Waiting | undefined
  /** Fetches a span that begins at a block. `whole`: without ranges; then what lies here already is skipped. */
  fetch(span: Span, whole: boolean): Promise<void>
  close(): void
}

const magic = Buffer.from('GGUF')

export function createLane(work: LaneWork): Lane {
  const { partial, links, failures } = work
  const buffer = Buffer.allocUnsafe(blockBytes)
  let connection: Connection | undefined
  let received = 0
  let waitingFor: Waiting | undefined
  /** The next byte that is to come. */
  let at = 0
  /** A block that came and could not be written yet. */
  let full: number | undefined

  const flush = (): void => {
    if (full === undefined) return
    if (!partial.blocks.has(full)) {
      partial.write(full, buffer.subarray(0, sizeOfBlock(full, work.bytes)))
      work.onBlock()
    }
    full = undefined
  }
  /** Undefined: it is written. */
  const flushSoon = (): Promise<void> | undefined => {
    try {
      flush()
      return undefined
    } catch (error) {
      if (!isFull(error)) throw error
      return untilRoom(error)
    }
  }
  /** The connection is held meanwhile: what is on its way need not be sent again. */
  const untilRoom = async (first: unknown): Promise<void> => {
    for (let error = first; ; ) {
      await failures.after(error, failures.round, tellWaiting)
      try {
        return flush()
      } catch (again) {
        error = again
      }
    }
  }
  const tellWaiting = (why: Waiting | undefined): void => {
    waitingFor = why
  }
  const checkMagic = (before: number): void => {
    if (!work.gguf || before >= magic.length || at < magic.length || buffer.subarray(0, magic.length).equals(magic)) return
    at = 0
    throw new Error('what it sent is no GGUF file')
  }
  const reader = (link: Link, span: Span, whole: boolean): Reader => ({
    head(head) {
      accept(head, work, link, { start: at, end: span.end }, whole)
      return span.end - at
    },
    room() {
      const block = Math.floor(at / blockBytes)
      const offset = at - block * blockBytes
      const size = sizeOfBlock(block, work.bytes)
      return buffer.subarray(offset, Math.min(size, offset + work.share.lump))
    },
    took(bytes) {
      const before = at
      at += bytes
      received += bytes
      work.onBytes(bytes)
      checkMagic(before)
      if (at % blockBytes === 0 || at === work.bytes) {
        full = Math.ceil(at / blockBytes) - 1
        if (whole && !partial.blocks.has(full)) failures.progressed(blockBytes)
      }
      if (!whole) failures.progressed(bytes)
      return flushSoon() ?? work.share.take(bytes)
    },
  })
  const ask = async (span: Span, whole: boolean): Promise<void> => {
    flush()
    if (at === span.end) return
    await failures.ready()
    const link = await untilAborted(links.current(), work.signal)
    // What the Hub says stands above what an answer said before.
    if (link.etag !== undefined) partial.setPin(pinOf(link.etag))
    const target = targetOf(link)
    if (connection?.key !== target.key || !connection.usable) {
      connection?.end(new Error('another one is used'))
      connection = createConnection(target, work.ca)
    }
    await connection.get(requestOf(link, target, whole ? undefined : { start: at, end: span.end }), reader(link, span, whole))
  }
  return {
    get connection() {
      return connection
    },
    get received() {
      return received
    },
    get waitingFor() {
      return waitingFor
    },
    async fetch(span, whole) {
      for (at = span.start; at < span.end || full !== undefined; ) {
        const { round } = failures
        try {
          if (whole && full === undefined) at = span.start
          await ask(span, whole)
        } catch (error) {
          connection?.end(error as Error)
          if (error instanceof RangeIgnored || work.signal.aborted) throw error
          work.onTrouble(error)
          await failures.after(error, round, tellWaiting)
        }
      }
    },
    close: () => connection?.end(new Error('it is not needed any more')),
  }
}

/** Throws what is not the bytes that were asked for. */
function accept(head: Answer, { partial, bytes, links }: LaneWork, link: Link, span: Span, whole: boolean): void {
  const verdict = checkAnswer(head, { span, total: bytes, pin: partial.pin })
  if (verdict.kind === 'wait') throw new ComeAgain(verdict.ms)
  if (verdict.kind === 'retry') throw new Error(verdict.why)
  if (verdict.kind === 'renew') throw new LinkRefused(links.refused(link))
  if (verdict.kind === 'range' && !whole) return pin(head, partial)
  if (verdict.kind === 'whole' && span.start === 0 && span.end === bytes) return pin(head, partial)
  if (verdict.kind === 'whole') throw new RangeIgnored()
  // Another address may lead elsewhere.
  links.refused(link)
  if (verdict.kind === 'page') throw new InBetween('a page came in place of the file')
  throw new Error(verdict.kind === 'gone' ? 'nothing lies there' : 'the object is another one now')
}

function pin({ headers }: Answer, partial: Partial): void {
  const etag = headers.get('etag')
  if (etag !== undefined && partial.pin === undefined) partial.setPin(pinOf(etag))
}
