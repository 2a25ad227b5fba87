/** Everything that a connection answers to these bytes, until it is closed: for what comes after the first answer. */
import { connect } from 'node:net'

export function rawDialog(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port })
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    socket.on('data', (data) => {
      text += data.toString('latin1')
    })
    socket.write(bytes)
  })
}

/** The statuses of the answers in it, in their order. */
export const statusesIn = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
