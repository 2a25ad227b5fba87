/** A thousand readers of the events, of whom a hundred never read. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../src/server/serve.ts'
import { resolveSettings } from '../src/store/settings.ts'
import { type Figure, megabytes } from './table.ts'

const readers = 900
const silent = 100
const changes = 300
const off = { enabled: false }

export async function subscribers(): Promise<Figure[]> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  const settings = await resolveSettings({
    env: {},
    options: { home, port: 0, providers: { ollama: off, lmstudio: off, llamacpp: off, embedded: off } },
  })
  const service = await serve({ settings, log: () => {} })
  const token = (await readFile(service.tokenFile, 'utf8')).trim()
  const before = process.memoryUsage().rss
  const sockets: Socket[] = []
  try {
    const counts = Array.from({ length: readers }, () => ({ seen: 0 }))
    await Promise.all(counts.map((count) => subscribe(service.url, token, (socket) => sockets.push(socket), count)))
    await Promise.all(Array.from({ length: silent }, () => subscribe(service.url, token, (socket) => sockets.push(socket))))
    for (let index = 0; index < changes; index += 1) await service.yard.slots.put('default', { queueSeconds: index })
    await until(() => counts.every((one) => one.seen >= changes))
    const grown = process.memoryUsage().rss - before
    const missed = counts.filter((one) => one.seen < changes).length
    return [
      {
        what: `${readers + silent} readers of events, ${silent} of whom never read: readers that missed any`,
        measured: String(missed),
        peer: `${changes} events each`,
        limit: '0',
        share: missed === 0 ? 0 : Number.POSITIVE_INFINITY,
      },
      {
        what: 'and the memory it took, both ends of every connection',
        measured: megabytes(grown),
        peer: `before ${megabytes(before)}`,
        limit: '256 MB',
        share: grown / 256e6,
      },
    ]
  } finally {
    for (const socket of sockets) socket.destroy()
    await service.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** A reader by hand: it counts, or (without a count) reads the head and then nothing more. */
function subscribe(url: string, token: string, onSocket: (socket: Socket) => void, count?: { seen: number }): Promise<void> {
  const { hostname, port, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) })
    onSocket(socket)
    socket.on('error', reject)
    socket.write(`GET /yard/v1/events HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    socket.once('data', () => {
      resolve()
      if (!count) return void socket.pause()
      socket.on('data', (data) => {
        count.seen += data.toString('latin1').split('"slot.changed"').length - 1
      })
    })
  })
}

async function until(what: () => boolean): Promise<void> {
  for (let turn = 0; turn < 600 && !what(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 50))
}
