/**
 * One history, many readers. Each event is turned into bytes once, whoever reads it. A reader that does not read costs
 * a bounded amount of memory and slows nobody: beyond the bound it loses its queue and is told so.
 */
import { type HistoryEvent, ModelyardError, type YardEvent } from '../contract/index.ts'
import type { EventBus } from './bus.ts'
import { newestProgress } from './newest-progress.ts'

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
  /** By number: in the order of arrival, and each can be taken out of the middle. */
  const waiting = new Map<number, Frame>()
  const progress = newestProgress()
  let bytes = 0
  let lost = false
  let closed = false
  let wake: (() => void) | undefined

  const weigh = (change: number): void => {
    bytes += change
    count(change)
  }
  const clear = (): void => {
    weigh(-bytes)
    waiting.clear()
    progress.clear()
  }
  const remove = ({ event, json }: Frame): void => {
    waiting.delete(event.seq)
    weigh(-json.length)
    progress.remove(event)
  }
  const add = (frame: Frame): void => {
    const older = waiting.get(progress.add(frame.event) ?? -1)
    if (older) remove(older)
    waiting.set(frame.event.seq, frame)
    weigh(frame.json.length)
  }
  const take = (): Frame | 'lost' | undefined => {
    if (lost) {
      lost = false
      return 'lost'
    }
    const [frame] = waiting.values()
    if (!frame) return undefined
    remove(frame)
    return frame
  }

  const queue: Queue = {
    push(frame, event) {
      if (closed || lost || !wants(event)) return
      add(frame)
      if (bytes > readerBytes && waiting.size > 1) {
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
