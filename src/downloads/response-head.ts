/** The head of an HTTP/1.1 answer, RFC 9112: as much of it as a reader of ranges needs. Pure. */
import type { Answer } from './check-answer.ts'

export interface ResponseHead extends Answer {
  /** Another request may follow on this connection. */
  readonly keepAlive: boolean
  /** Where the body begins. */
  readonly length: number
}

export const mostHeadBytes = 65_536
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/
const headerLine = /^([!#$%&'*+\-.^_`|~0-9a-z]+):[ \t]*(.*?)[ \t]*$/i

/** Undefined as long as it is not whole. Interim answers (1xx) are left out. Throws what is not HTTP or never ends. */
export function readHead(data: Buffer): ResponseHead | undefined {
  for (let from = 0; ; ) {
    const end = data.indexOf('\r\n\r\n', from, 'latin1')
    if (end === -1) {
      if (data.length >= mostHeadBytes || !maybeHttp(data.subarray(from))) throw new Error('it does not speak HTTP/1.1')
      return undefined
    }
    const head = parse(data.toString('latin1', from, end), end + 4)
    if (head.status >= 200) return head
    from = end + 4
  }
}

/** What lies before is asked again with every piece: a page of something else is known from its first byte. */
const maybeHttp = (data: Buffer): boolean => 'HTTP/1.'.startsWith(data.toString('latin1', 0, Math.min(7, data.length)))

function parse(text: string, length: number): ResponseHead {
  const [first = '', ...lines] = text.split('\r\n')
  const status = statusLine.exec(first)
  if (!status) throw new Error('it does not speak HTTP/1.1')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error('it sent a header that is none')
    const known = headers.get(name.toLowerCase())
    if (name.toLowerCase() === 'content-length' && known !== undefined && known !== value) throw new Error('it sent two lengths')
    if (known === undefined) headers.set(name.toLowerCase(), value)
  }
  const keepAlive = status[1] === '1' && !/\bclose\b/i.test(headers.get('connection') ?? '')
  return { status: Number(status[2]), headers, keepAlive, length }
}
