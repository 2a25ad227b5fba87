/** One connection for all elements of a page that have the same address and token, and none for nobody. */
import type { YardView } from '../yard/yard.ts'

export interface Door {
  readonly url: string
  readonly token: string
}

export interface SharedYard {
  readonly yard: YardView
  /** Whoever took it gives it back, once. */
  release(): void
}

export interface SharedYards {
  take(door: Door): SharedYard
}

interface Held {
  readonly yard: YardView
  holders: number
  ending?: ReturnType<typeof setTimeout> | undefined
}

/** An element that is moved, or drawn anew by a framework, is gone for so long at most: its connection stays. */
const graceMs = 500

export function createSharedYards(make: (door: Door) => YardView, grace = graceMs): SharedYards {
  const all = new Map<string, Held>()
  /** A refused one opens nothing any more; whoever comes new may try again. */
  const usable = (held: Held | undefined): held is Held => held !== undefined && held.yard.connection.peek().state !== 'refused'
  const end = (key: string, held: Held): void => {
    if (all.get(key) === held) all.delete(key)
    held.yard.close()
  }
  return {
    take(door) {
      const key = JSON.stringify([door.url, door.token])
      const known = all.get(key)
      const held = usable(known) ? known : { yard: make(door), holders: 0 }
      all.set(key, held)
      held.holders++
      clearTimeout(held.ending)
      let isTaken = true
      return {
        yard: held.yard,
        release() {
          if (!isTaken) return
          isTaken = false
          held.holders--
          if (held.holders === 0) held.ending = setTimeout(() => end(key, held), grace)
        },
      }
    },
  }
}
