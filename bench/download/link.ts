/** A link of 100 Mbit/s with 50 ms on the way, in a process of its own: all connections through it share the rate. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export const linkBytesPerSecond = 100e6 / 8
const delayMs = 50
/** As much as a router holds before it holds back. */
const mostQueued = 1e6

export interface SlowLink extends AsyncDisposable {
  readonly port: number
}

export async function slowLink(to: number): Promise<SlowLink> {
  const child = fork(new URL(import.meta.url).pathname, ['link', String(to)], { execArgv: ['--import', 'tsx'] })
  const [port] = (await once(child, 'message')) as [number]
  return {
    port,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function serve(to: number): Promise<number> {
  let freeAt = 0
  /** In order: what came first goes on first, when its time has come. */
  const carry = (from: Socket, into: Socket): void => {
    const queue: { readonly data: Buffer | undefined; readonly at: number }[] = []
    let queued = 0
    const pump = (): void => {
      for (let next = queue[0]; next; next = queue[0]) {
        const wait = next.at - performance.now()
        if (wait > 0) return void setTimeout(pump, Math.ceil(wait))
        queue.shift()
        if (!next.data) into.end()
        else into.write(next.data)
        queued -= next.data?.length ?? 0
        if (queued < mostQueued / 2) from.resume()
      }
    }
    const add = (data: Buffer | undefined): void => {
      const length = data?.length ?? 0
      freeAt = Math.max(freeAt, performance.now()) + (length / linkBytesPerSecond) * 1000
      queued += length
      if (queued > mostQueued) from.pause()
      queue.push({ data, at: freeAt + delayMs })
      if (queue.length === 1) pump()
    }
    from.on('data', add)
    from.on('end', () => add(undefined))
    from.on('error', () => into.destroy())
  }
  const server = createServer((client) => {
    const upstream = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
    // What is asked is small: only what comes back is slow.
    client.on('data', (data) => upstream.write(data))
    client.on('error', () => upstream.destroy())
    client.on('close', () => upstream.destroy())
    carry(upstream, client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

if (process.send && process.argv[2] === 'link') {
  process.on('disconnect', () => process.exit(0))
  process.send(await serve(Number(process.argv[3])))
}
