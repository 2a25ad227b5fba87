/** The address that signs a browser in: its code stands in the fragment, which no browser sends to any server. */
import type { SessionCode } from '../contract/index.ts'
import type { Io } from './io.ts'

export const sessionLink = (url: string, { code }: SessionCode): string => `${url}/#code=${code}`

/** Of a service that has just started, for the person at its terminal; a file or a pipe gets no code. */
export function showSessionLink(io: Io, url: string, makeCode: () => SessionCode): void {
  if (!io.live) return
  io.note(`The page, signed in: ${sessionLink(url, makeCode())}`)
  io.note('This link is good for one minute and one browser; `modelyard open` makes a new one.')
}
