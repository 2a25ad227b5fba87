/** A body as the engine gets it: the bytes of the client but for a few outermost members. */
import type { Body } from './read-body.ts'

/** By the member's name: its new value, or undefined to leave it as it is. */
export type Edits = Readonly<Record<string, unknown>>

/** In pieces, so that what is big is not copied. */
export function editedBody({ bytes, members }: Body, edits: Edits): Buffer[] {
  const changes = Object.entries(edits).filter(([, value]) => value !== undefined)
  const placed = changes.flatMap(([name, value]) => {
    const place = members.get(name)
    return place ? [{ ...place, text: JSON.stringify(value) }] : []
  })
  const missing = changes.filter(([name]) => !members.has(name)).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  const pieces: Buffer[] = []
  let at = bytes.indexOf('{') + 1
  const begin = missing.join(',')
  pieces.push(Buffer.from(`{${begin}${begin !== '' && members.size > 0 ? ',' : ''}`))
  for (const { start, end, text } of placed.sort((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start), Buffer.from(text))
    at = end
  }
  pieces.push(bytes.subarray(at))
  return pieces
}
