/** One download by the shipped code, weighed from inside; answers requests meanwhile. Bundled before it is run. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDownloads } from '../../src/downloads/create-downloads.ts'

export interface Weighed {
  readonly verifiedMs: number
  readonly durableMs: number
  /** Between the last byte and the proof. */
  readonly tailMs: number
  readonly cpuSeconds: number
  readonly idleBytes: number
  readonly peakBytes: number
}

const [folder = '', url = '', sha256 = '', bytes = '0', connections = '8', proxy = ''] = process.argv.slice(2)
const status = (name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN) * 1024

const server = createServer((_, response) => response.end('ok'))
await once(server.listen(0, '127.0.0.1'), 'listening')
process.send?.({ port: (server.address() as AddressInfo).port })

const downloads = createDownloads({
  folder,
  connections: Number(connections),
  log: (...said) => console.error(...said),
  ...(proxy !== '' && { proxyFor: () => proxy }),
})
const idleBytes = status('VmRSS')
const before = process.cpuUsage()
const began = performance.now()
let [verifiedMs, wholeMs] = [0, 0]
await downloads.fetch(
  { sha256, bytes: Number(bytes), gguf: true, resolve: async () => ({ url, headers: {} }) },
  {
    signal: new AbortController().signal,
    onProgress: ({ bytesDone, bytesTotal }) => {
      if (bytesDone === bytesTotal) wholeMs ||= performance.now() - began
    },
    onVerified: () => {
      verifiedMs = performance.now() - began
    },
  },
)
const durableMs = performance.now() - began
const { user, system } = process.cpuUsage(before)
const weighed: Weighed = {
  verifiedMs,
  durableMs,
  tailMs: verifiedMs - wholeMs,
  cpuSeconds: (user + system) / 1e6,
  idleBytes,
  peakBytes: status('VmHWM'),
}
process.send?.(weighed)
await downloads.close()
server.closeAllConnections()
server.close()
process.disconnect?.()
