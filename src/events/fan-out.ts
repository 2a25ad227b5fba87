/**
 * One history, many readers. Each event is turned into bytes once, whoever reads it. A reader that does not read costs
 * a bounded amount of memory and slows nobody: beyond the bound it loses its queue and is told so.
 */
import { type HistoryEvent, ModelyardError, type YardEvent } from '../contract/index.ts'
import type { EventBus } from './bus.ts'

/** An event and its JSON, shared by all who read it. */
export interface Frame {
  readonly event: YardEvent
  readonly json: string
}

export interface FrameReader {
  /** The next event; `lost` when some were thrown away; undefined when the reader was closed. */
  next(): Promise<Frame | 'lost' | undefined>
  close(): void
}

export interface FanOut {
  /** Throws `overloaded` when all readers together hold too much. */
  open(wants: (event: HistoryEvent) => boolean): FrameReader
  readonly readers: number
  /** Bytes that wait in all queues. */
  readonly queuedBytes: number
  close(): void
}

export interface FanOutLimits {
  /** Bytes that wait for one reader; 1 MiB. A single event may be larger: it is not lost for that. */
  readonly readerBytes?: number
  /** Bytes that wait for all readers together; 256 MiB. */
  readonly totalBytes?: number
}

const frames = new WeakMap<YardEvent, Frame>()

/** The event's bytes, made once, also for those who come back for it later. */
export function frameOf(event: YardEvent): Frame {
  const made = frames.get(event) ?? { event, json: JSON.stringify(event) }
  frames.set(event, made)
  return made
}

export function createFanOut(bus: Pick<EventBus, 'listen'>, limits: FanOutLimits = {}): FanOut {
  const { readerBytes = 2 ** 20, totalBytes = 256 * 2 ** 20 } = limits
  const readers = new Set<Queue>()
  let queued = 0
  const count = (bytes: number): void => {
    queued += bytes
  }
  const unlisten = bus.listen((event) => {
    if (readers.size === 0) return
    const frame = frameOf(event)
    for (const reader of readers) reader.push(frame, event)
  })
  return {
    open(wants) {
      if (queued > totalBytes) throw new ModelyardError('overloaded', 'Too many events wait for readers that do not read.')
      const reader = createQueue({ wants, readerBytes, count, onClose: (one) => readers.delete(one) })
      readers.add(reader)
      return reader
    },
    get readers() {
      return readers.size
    },
    get queuedBytes() {
      return queued
    },
    close() {
      unlisten()
      for (const reader of [...readers]) reader.close()
    },
  }
}

interface Queue extends FrameReader {
  push(frame: Frame, event: HistoryEvent): void
}

interface QueueOptions {
  readonly wants: (event: HistoryEvent) => boolean
  readonly readerBytes: number
  readonly count: (bytes: number) => void
  readonly onClose: (queue: Queue) => void
}

function createQueue({ wants, readerBytes, count, onClose }: QueueOptions): Queue {
  let frames: Frame[] = []
  let bytes = 0
  let lost = false
  let closed = false
  let wake: (() => void) | undefined

  const clear = (): void => {
    count(-bytes)
    bytes = 0
    frames = []
  }
  const add = (frame: Frame): void => {
    frames.push(frame)
    bytes += frame.json.length
    count(frame.json.length)
  }
  const take = (): Frame | 'lost' | undefined => {
    if (lost) {
      lost = false
      return 'lost'
    }
    const frame = frames.shift()
    if (frame) {
      bytes -= frame.json.length
      count(-frame.json.length)
    }
    return frame
  }

  const queue: Queue = {
    push(frame, event) {
      if (closed || lost || !wants(event)) return
      const last = frames.at(-1)
      if (last && coalesces(last.event, event)) {
        frames.pop()
        bytes -= last.json.length
        count(-last.json.length)
      }
      add(frame)
      if (bytes > readerBytes && frames.length > 1) {
        clear()
        lost = true
      }
      wake?.()
    },
    async next() {
      for (;;) {
        const frame = take()
        if (frame !== undefined || closed) return frame
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        wake = undefined
      }
    },
    close() {
      if (closed) return
      closed = true
      clear()
      onClose(queue)
      wake?.()
    },
  }
  return queue
}

/** Only progress is: of the same switch and step, the newest says all. */
function coalesces(before: YardEvent, next: HistoryEvent): boolean {
  return (
    before.type === 'switch.step' &&
    next.type === 'switch.step' &&
    before.state === 'progress' &&
    next.state === 'progress' &&
    before.id === next.id &&
    before.step === next.step
  )
}
