/** One answer of the content network: the range that was asked for, and what goes wrong with it. */
import type { ServerResponse } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { CdnCounts, ServedRanges } from './fake-cdn-counts.ts'
import { playAtDoor } from './fake-cdn-door.ts'
import { type CdnFault, cutting, type FaultList } from './fake-cdn-faults.ts'
import type { FakeContent } from './fake-content.ts'
import { untilDrained } from './until-drained.ts'

export interface CdnObject {
  readonly content: FakeContent
  readonly etag: string
  readonly faults: FaultList
  readonly served: ServedRanges
}

export interface CdnRequest {
  readonly method: string
  /** The header. */
  readonly range: string | undefined
}

export interface Serving {
  readonly counts: CdnCounts
  /** Of one connection; undefined: as fast as it goes. */
  readonly bytesPerSecond: number | undefined
  /** A fault that counts before those of the file. */
  readonly fault: CdnFault | undefined
}

const pieceBytes = 65_536

interface Span {
  readonly start: number
  readonly end: number
  /** A range was asked for, and is answered as one. */
  readonly ranged: boolean
}

export async function answerWith(object: CdnObject, request: CdnRequest, response: ServerResponse, serving: Serving): Promise<void> {
  const fault = serving.fault ?? object.faults.take()
  if (fault?.kind === 'latency') await after(fault.ms ?? 0)
  if (fault && (await playAtDoor(fault, response, object.content.bytes))) return
  const span = spanOf(request.range, object.content.bytes, fault)
  if (!span) return void response.writeHead(416, { 'content-range': `bytes */${object.content.bytes}` }).end()
  response.writeHead(span.ranged ? 206 : 200, headersOf(object, span, fault, serving))
  if (request.method === 'HEAD') return void response.end()
  response.flushHeaders()
  if (fault?.kind === 'gzip') return void response.end(gzipSync(object.content.read(span.start, span.end)))
  const poured = fault?.kind === 'empty' ? 'whole' : await pour(object, span, { response, fault, serving })
  if (poured === 'whole' || fault?.kind === 'chunked-cut') return end(response, fault?.kind === 'close-after')
  if (poured === 'cut') breakOff(response, fault?.kind)
}

function spanOf(header: string | undefined, bytes: number, fault: CdnFault | undefined): Span | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? []
  const whole = { start: 0, end: bytes, ranged: false }
  if (from === undefined) return whole
  const start = Number(from)
  const end = Math.min(to === '' ? bytes : Number(to) + 1, bytes)
  if (fault?.kind === 'range-ignored' && end - start > (fault.after ?? 0)) return whole
  return start < bytes && end > start ? { start, end, ranged: true } : undefined
}

function headersOf(
  object: CdnObject,
  { start, end, ranged }: Span,
  fault: CdnFault | undefined,
  { counts }: Serving,
): Record<string, string | number> {
  const { bytes } = object.content
  const kind = fault?.kind
  const length = kind === 'empty' ? 0 : end - start + (kind === 'extra' ? extraBytes : 0)
  const other = kind === 'changed' || (fault !== undefined && isReplaced(fault, counts) && !fault.sameEtag)
  return {
    etag: `"${other ? 'other' : object.etag}"`,
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'x-hf-cdn-pop': 'LOCAL1-C1',
    ...(kind === 'gzip' && { 'content-encoding': 'gzip' }),
    ...(kind === 'long-header' && { 'x-padding': 'x'.repeat(80_000) }),
    ...(kind === 'close-after' && { connection: 'keep-alive' }),
    ...(kind !== 'chunked-cut' && kind !== 'gzip' && { 'content-length': length }),
    ...(ranged &&
      kind !== 'no-range' && {
        'content-range': `bytes ${kind === 'wrong-range' ? start + 1 : start}-${end - 1}/${kind === 'wrong-total' ? bytes + 1 : bytes}`,
      }),
  }
}

const extraBytes = 64

interface Pouring {
  readonly response: ServerResponse
  readonly fault: CdnFault | undefined
  readonly serving: Serving
}

/** `left`: the reader went away. */
async function pour(
  { content, served }: CdnObject,
  { start, end }: Span,
  { response, fault, serving }: Pouring,
): Promise<'whole' | 'cut' | 'left'> {
  const cut = fault && cutting.includes(fault.kind) ? Math.min(end, start + (fault.after ?? 0)) : end
  const rate = fault?.kind === 'trickle' ? (fault.bytesPerSecond ?? 1024) : serving.bytesPerSecond
  const began = performance.now()
  const step = rate === undefined ? pieceBytes : Math.max(1, Math.min(pieceBytes, Math.floor(rate / 20)))
  for (let at = start; at < cut; at += step) {
    const stop = Math.min(at + step, cut)
    const piece = damaged(content.read(at, stop), { at, end, fault, counts: serving.counts })
    serving.counts.bytesServed += piece.length
    serving.counts.duplicateBytes += served.add(at, stop)
    response.write(piece)
    if (rate !== undefined) await after(Math.max(0, began + ((stop - start) / rate) * 1000 - performance.now()))
    await untilDrained(response)
    if (response.destroyed) return 'left'
  }
  if (fault?.kind === 'extra') response.write(Buffer.alloc(extraBytes))
  return cut === end ? 'whole' : 'cut'
}

interface Damaging {
  readonly at: number
  /** Of the whole span. */
  readonly end: number
  readonly fault: CdnFault | undefined
  readonly counts: CdnCounts
}

function damaged(piece: Buffer, { at, end, fault, counts }: Damaging): Buffer {
  if (!fault) return piece
  if (isReplaced(fault, counts)) return Buffer.from(piece.map((byte) => byte ^ 0x55))
  const wrong = fault.kind === 'corrupt' ? end - 1 : fault.kind === 'flip' ? (fault.at ?? 0) : -1
  if (wrong < at || wrong >= at + piece.length) return piece
  const copy = Buffer.from(piece)
  copy[wrong - at] = (copy[wrong - at] ?? 0) ^ 1
  return copy
}

const isReplaced = ({ kind, after: bytes = 0 }: CdnFault, { bytesServed }: CdnCounts): boolean =>
  kind === 'replaced' && bytesServed >= bytes

function end(response: ServerResponse, closing: boolean): void {
  const { socket } = response
  response.end(() => closing && socket?.destroy())
}

/** A stall leaves it as it is. */
function breakOff({ socket }: ServerResponse, kind: CdnFault['kind'] | undefined): void {
  if (kind === 'reset') socket?.resetAndDestroy()
  if (kind === 'early-end') socket?.end()
}
