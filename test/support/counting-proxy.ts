/** Stands before a server and counts what passes to whoever asks it, no faster than that is taken. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CountingProxy extends AsyncDisposable {
  readonly url: string
  /** Bytes that the server got rid of. */
  readonly bytes: number
}

export async function countingProxy(port: number): Promise<CountingProxy> {
  let bytes = 0
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => {})
      one.once('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    far.on('data', (piece) => {
      bytes += piece.length
      if (!near.write(piece)) far.pause()
    })
    far.on('end', () => near.end())
    near.on('drain', () => far.resume())
    near.pipe(far)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get bytes() {
      return bytes
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
