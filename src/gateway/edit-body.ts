/** A body as the engine gets it: the bytes of the client but for a few outermost members. */
import type { Member } from '../util/json/scan-json.ts'
import type { Body } from './read-body.ts'

/** By the member's name: its new value, or undefined to leave it as it is. */
export type Edits = Readonly<Record<string, unknown>>

/** In pieces, so that what is big is not copied. */
export function editedBody({ bytes, members }: Body, edits: Edits): Buffer[] {
  const placed: Placed[] = []
  let begin = '{'
  for (const name of Object.keys(edits)) {
    const text = JSON.stringify(edits[name])
    if (text === undefined) continue
    const place = members.get(name)
    if (place) placed.push({ ...place, text })
    else begin += `${begin === '{' ? '' : ','}${JSON.stringify(name)}:${text}`
  }
  if (begin !== '{' && members.size > 0) begin += ','
  const pieces: Buffer[] = [Buffer.from(begin)]
  let at = bytes.indexOf('{') + 1
  for (const { start, end, text } of placed.sort((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start), Buffer.from(text))
    at = end
  }
  pieces.push(bytes.subarray(at))
  return pieces
}

interface Placed extends Member {
  /** What stands there from now on. */
  readonly text: string
}
