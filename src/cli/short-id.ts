import type { Job } from '../contract/index.ts'

const shortest = 8

/** Enough of an id to name it by; alone it is rarely not unique. */
export const shortId = (id: string): string => id.slice(0, shortest)

/** As short as all of these can be and still name one each. */
export function shortIds(jobs: readonly Job[]): (id: string) => string {
  const ids = new Set(jobs.map(({ id }) => id))
  let length = shortest
  while (new Set([...ids].map((id) => id.slice(0, length))).size < ids.size) length += 1
  return (id) => id.slice(0, length)
}
