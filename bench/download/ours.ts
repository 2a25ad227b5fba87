/** A download by the bundled program, in a process of its own, and what was seen of it from outside. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import type { Served } from './nginx.ts'
import type { Weighed } from './program.ts'

export interface Ours extends Weighed {
  /** Of requests to the process while it downloads. */
  readonly p99Ms: number
}

export interface OursOptions {
  readonly program: string
  readonly connections?: number
  readonly proxy?: string
  /** Another request every so often; 0: none. */
  readonly askEveryMs?: number
}

export function startOurs({ program, connections = 8, proxy = '' }: OursOptions, { folder, url, sha256, bytes }: Served): ChildProcess {
  return fork(program, [folder, url, sha256, String(bytes), String(connections), proxy], { execArgv: [] })
}

export async function ours(options: OursOptions, source: Served): Promise<Ours> {
  const child = startOurs(options, source)
  const waits: number[] = []
  let weighed: Weighed | undefined
  let asking: NodeJS.Timeout | undefined
  child.on('message', (message: { port: number } | Weighed) => {
    if ('verifiedMs' in message) weighed = message
    else if (options.askEveryMs)
      asking = setInterval(
        () =>
          void ask(message.port).then(
            (ms) => waits.push(ms),
            () => undefined,
          ),
        options.askEveryMs,
      )
  })
  await once(child, 'exit')
  clearInterval(asking)
  if (!weighed) throw new Error('the download did not end')
  const p99Ms = waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN
  return { ...weighed, p99Ms }
}

function ask(port: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(performance.now() - began))
    })
      .on('error', reject)
      .end()
  })
}
