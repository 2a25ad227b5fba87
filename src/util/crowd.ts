/**
 * Those who are there now, where many come and go. A `Set` makes itself a new table for every few of them, and each table
 * keeps the next one alive, and all who were in it, until the whole heap is collected.
 */
export interface Crowd<T> {
  /** Returns what takes the member out again. Idempotent. */
  join(member: T): () => void
  members(): readonly T[]
}

interface Place<T> {
  readonly member: T
  at: number
}

export function createCrowd<T>(): Crowd<T> {
  const places: Place<T>[] = []
  return {
    join(member) {
      const place = { member, at: places.length }
      places.push(place)
      return () => {
        if (places[place.at] !== place) return
        const last = places.pop() as Place<T>
        if (last === place) return
        last.at = place.at
        places[last.at] = last
      }
    },
    members: () => places.map(({ member }) => member),
  }
}
