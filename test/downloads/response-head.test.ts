/** Heads of answers: as servers send them, in pieces, and as none should. */
import { expect, it } from 'vitest'
import { mostHeadBytes, readHead } from '../../src/downloads/response-head.ts'

const text = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag:"a"\r\nX-Many: 1\r\nx-many: 2\r\n\r\nhello'

it('is read wherever it is cut', () => {
  const whole = readHead(Buffer.from(text))
  expect(whole).toMatchObject({ status: 206, keepAlive: true, length: text.length - 5 })
  expect([...(whole?.headers ?? [])]).toEqual([
    ['content-length', '5'],
    ['etag', '"a"'],
    ['x-many', '1'],
  ])
  for (let cut = 0; cut < text.length - 5; cut += 1) expect(readHead(Buffer.from(text.slice(0, cut)))).toBeUndefined()
})

it('interim answers are left out', () => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'
  expect(readHead(Buffer.from(interim))).toBeUndefined()
  expect(readHead(Buffer.from(interim + text))).toMatchObject({ status: 206, length: interim.length + text.length - 5 })
})

it.each<[string, string]>([
  ['an older HTTP', 'HTTP/1.0 200 OK\r\n\r\n'],
  ['an end that was announced', 'HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n'],
])('%s: no request follows', (_, head) => {
  expect(readHead(Buffer.from(head))?.keepAlive).toBe(false)
})

it.each<[string, string]>([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['a header that is none', 'HTTP/1.1 200 OK\r\nno colon here\r\n\r\n'],
  ['a header that goes on in the next line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(mostHeadBytes)}`],
  ['interim answers without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(mostHeadBytes / 25 + 1)],
])('refuses %s', (_, head) => {
  expect(() => readHead(Buffer.from(head))).toThrow()
})
