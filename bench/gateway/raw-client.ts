/** The client of the bench: one kept connection, written and read by hand, so that it costs less than what it measures. */
import { once } from 'node:events'
import { connect } from 'node:net'

/** Somebody who answers `POST /v1/chat/completions`. */
export interface Target {
  readonly name: string
  /** What comes before `/v1`. */
  readonly url: string
  readonly model: string
  readonly token?: string
}

export interface Answer {
  readonly status: number
  /** In lower case. */
  readonly head: string
}

export interface RawClient {
  /** One at a time. `onBody` gets the pieces of the body, without their framing. Rejects when the connection ends before the answer does. */
  ask(request: Buffer, onBody?: (piece: Buffer) => void): Promise<Answer>
  close(): void
}

export function requestTo({ url, token }: Target, body: unknown, path = '/v1/chat/completions'): Buffer {
  const { host, pathname } = new URL(url)
  const bytes = Buffer.from(JSON.stringify(body))
  const head = [
    `POST ${pathname.replace(/\/$/, '')}${path} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${bytes.length}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes])
}

export async function rawClient({ url }: Pick<Target, 'url'>): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let under: { onBody: (piece: Buffer) => void; resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  const settle = (how: (one: NonNullable<typeof under>) => void): void => {
    const one = under
    under = undefined
    if (one) how(one)
  }
  const reader = createReader(
    (piece) => under?.onBody(piece),
    (answer) => settle((one) => one.resolve(answer)),
  )
  socket.on('data', (piece) => {
    if (!under) return void socket.destroy(new Error('bytes came that nobody had asked for'))
    reader(piece)
  })
  socket.on('error', (error) => settle((one) => one.reject(error)))
  socket.on('close', () => settle((one) => one.reject(new Error('the connection ended before the answer did'))))
  return {
    ask: (request, onBody = () => {}) =>
      new Promise((resolve, reject) => {
        under = { onBody, resolve, reject }
        if (socket.destroyed) settle((one) => one.reject(new Error('the connection has ended')))
        else socket.write(request)
      }),
    close: () => void socket.destroy(),
  }
}

const patienceMs = 90_000

/** A peer that had looked for the upstream in vain looks again after a while. */
export async function untilAnswering(target: Target): Promise<void> {
  const request = requestTo(target, { model: target.model, messages: [{ role: 'user', content: 'x' }] })
  const client = await rawClient(target)
  const until = performance.now() + patienceMs
  for (;;) {
    const { status } = await client.ask(request)
    if (status === 200) break
    if (performance.now() > until) throw new Error(`${target.name} answers with ${status}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  client.close()
}

const nothing: Buffer = Buffer.alloc(0)

type Part = 'head' | 'body' | 'size' | 'chunk' | 'gap' | 'last'

/** Reads answers of HTTP/1.1, one after the other, of a known length or in chunks. */
function createReader(onBody: (piece: Buffer) => void, onEnd: (answer: Answer) => void): (piece: Buffer) => void {
  let rest = nothing
  let answer: Answer = { status: 0, head: '' }
  let left = 0
  let reads = 'head' as Part
  const end = (): void => {
    reads = 'head'
    onEnd(answer)
  }
  const body = (data: Buffer): number => {
    const taken = Math.min(left, data.length)
    left -= taken
    onBody(taken === data.length ? data : data.subarray(0, taken))
    return taken
  }
  /** Bytes that were used; 0: more are needed. */
  const steps: Readonly<Record<Part, (data: Buffer) => number>> = {
    head(data) {
      const at = data.indexOf('\r\n\r\n')
      if (at === -1) return 0
      const head = data.toString('latin1', 0, at).toLowerCase()
      answer = { status: Number(head.slice(9, 12)), head }
      const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
      left = Number(length ?? 0)
      reads = length === undefined ? 'size' : 'body'
      if (length === '0') end()
      return at + 4
    },
    body(data) {
      const taken = body(data)
      if (left === 0) end()
      return taken
    },
    size(data) {
      const at = data.indexOf('\r\n')
      if (at === -1) return 0
      left = Number.parseInt(data.toString('latin1', 0, at), 16)
      reads = left === 0 ? 'last' : 'chunk'
      return at + 2
    },
    chunk(data) {
      const taken = body(data)
      if (left === 0) reads = 'gap'
      return taken
    },
    gap(data) {
      if (data.length < 2) return 0
      reads = 'size'
      return 2
    },
    last(data) {
      if (data.length < 2) return 0
      end()
      return 2
    },
  }
  return (piece) => {
    let data = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    rest = nothing
    while (data.length > 0) {
      const used = steps[reads](data)
      if (used === 0) {
        rest = data
        return
      }
      data = data.subarray(used)
    }
  }
}

const stamp = /"content":"(\d{16})"/g

/** Takes the body of a stream; calls back with the moment at which each token was written. */
export function stampReader(onToken: (writtenAt: number) => void): (piece: Buffer) => void {
  let rest = ''
  return (piece) => {
    const text = rest + piece.toString('latin1')
    const whole = text.lastIndexOf('\n') + 1
    for (const [, written] of text.slice(0, whole).matchAll(stamp)) onToken(Number(written))
    rest = text.slice(whole)
  }
}
