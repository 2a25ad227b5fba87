/** Requests as bytes over a plain socket: polite clients refuse to send what is tested here. */
import { connect } from 'node:net'

export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  readonly status: number
  readonly text: string
}

/** Sends the bytes, reads the head (and what comes with it), closes. */
export function sendRaw(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port })
    const end = (): void => {
      socket.destroy()
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
    socket.setTimeout(5000, end)
    socket.on('error', () => {})
    socket.on('close', end)
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (complete(text)) end()
    })
    socket.write(bytes)
  })
}

/** Head and as much body as it promises, or one chunk of it. */
function complete(text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1]
  if (length !== undefined) return text.length - head - 4 >= Number(length)
  return / 101 /.test(text.slice(0, 15)) || text.endsWith('0\r\n\r\n') || /text\/event-stream/.test(text)
}
