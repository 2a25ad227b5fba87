import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void

it('a stream that is read ends with its signal, also after a collection, and its connection with it', async () => {
  const beats = new Set<NodeJS.Timeout>()
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    beats.add(setInterval(() => response.write('data: {"type":"heartbeat"}\n\n'), 5))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'a-token-of-this-very-test' })
  const stop = new AbortController()
  const connected = once(server, 'connection') as Promise<[NodeJS.EventEmitter]>
  let seen = 0
  const reading = (async () => {
    for await (const _ of client.events({ signal: stop.signal })) seen += 1
  })()
  const [socket] = await connected
  const closed = once(socket, 'close')
  for (let round = 1; round <= 5; round += 1) {
    await expect.poll(() => seen, { interval: 5 }).toBeGreaterThan(round * 4)
    collect()
  }
  stop.abort()
  await Promise.all([reading, closed])
  for (const beat of beats) clearInterval(beat)
  server.close()
})
