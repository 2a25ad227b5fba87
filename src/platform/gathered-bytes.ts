/**
 * Pieces of bytes put together, of a bounded size. One buffer that grows by doubling: what comes in pieces of one byte
 * takes no more memory than what comes at once.
 */
export interface GatheredBytes {
  readonly length: number
  /** Throws when the limit is passed. */
  add(piece: Uint8Array): void
  /** Everything so far, which is then forgotten. To be read before the next `add`. */
  take(): Buffer
}

/** Room kept for what comes next; more is let go. */
const keptBytes = 64 * 1024

/** After so many there is room for all that was announced: who has sent them means it, and copying would hold up others. */
const announcedFrom = 2 ** 20

/** `announced`: as many as will come, where that is known. */
export function gatherBytes(maxBytes: number, tooLong: () => Error, announced = 0): GatheredBytes {
  let room = Buffer.alloc(0)
  let length = 0
  return {
    get length() {
      return length
    },
    add(piece) {
      const needed = length + piece.length
      if (needed > maxBytes) throw tooLong()
      if (needed > room.length) {
        const ahead = needed >= announcedFrom ? announced : 0
        const larger = Buffer.allocUnsafe(Math.max(1024, needed, Math.min(maxBytes, Math.max(ahead, room.length * 2))))
        room.copy(larger, 0, 0, length)
        room = larger
      }
      room.set(piece, length)
      length = needed
    },
    take() {
      const whole = room.subarray(0, length)
      length = 0
      if (room.length > keptBytes) room = Buffer.alloc(0)
      return whole
    },
  }
}
