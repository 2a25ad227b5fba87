import type { Writable } from 'node:stream'

/** Answers when what was written has been taken, or nobody will take it any more. */
export function untilDrained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    if (stream.destroyed || !stream.writableNeedDrain) resolve()
    else stream.on('drain', done).on('close', done)
  })
}
