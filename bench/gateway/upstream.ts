/**
 * An engine that costs next to nothing: OpenAI's dialect by hand on bare sockets, in a process of its own. The text of
 * each token is the moment at which it was written, in microseconds of the clock that all processes share.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type OwnProcess, ownProcess } from './own-process.ts'

export interface Upstream extends OwnProcess {
  /** Tokens a second of each stream that begins from now on. */
  pace(tokensPerSecond: number): void
}

/** `port`: where peers were told to find it; 0 is a free one. */
export async function startUpstream(port: number): Promise<Upstream> {
  const own = await ownProcess(new URL(import.meta.url).pathname, ['upstream', String(port)])
  return { ...own, pace: (tokensPerSecond) => void own.child.send(tokensPerSecond) }
}

export const sharedMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n)

interface Stream {
  readonly socket: Socket
  readonly every: number
  dueAt: number
  left: number
}

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const json = (value: unknown): string => {
  const text = JSON.stringify(value)
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`
}
const identity = { id: 'chatcmpl-1', created: 1_795_394_860, model: 'm' }
const models = json({ object: 'list', data: [{ id: 'm', object: 'model', created: 1_795_394_860, owned_by: 'bench' }] })
const answer = json({
  ...identity,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello from the engine of the bench.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 },
})
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const event = (content: string | undefined, reason: string | null): string => {
  const choice = { index: 0, delta: content === undefined ? {} : { content }, finish_reason: reason }
  return chunk(`data: ${JSON.stringify({ ...identity, object: 'chat.completion.chunk', choices: [choice] })}\n\n`)
}
const [beforeStamp = '', afterStamp = ''] = event('0000000000000000', null).split('0000000000000000')
const token = (): string => `${beforeStamp}${String(sharedMicroseconds()).padStart(16, '0')}${afterStamp}`
const streamEnd = `${event(undefined, 'stop')}${chunk('data: [DONE]\n\n')}0\r\n\r\n`

/** Of a body only so much is looked at. */
const keptBytes = 64 * 1024

async function serve(port: number): Promise<number> {
  const streams = new Set<Stream>()
  let pace = 100
  process.on('message', (said) => {
    pace = Number(said)
  })
  let ticking: NodeJS.Timeout | undefined
  const tick = (): void => {
    const now = sharedMicroseconds()
    for (const stream of streams) if (stream.dueAt <= now) advance(stream)
    if (streams.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }
  const advance = (stream: Stream): void => {
    stream.left -= 1
    stream.dueAt += stream.every
    stream.socket.write(token())
    if (stream.left > 0) return
    stream.socket.write(streamEnd)
    streams.delete(stream)
  }
  const reply = (socket: Socket, body: string): void => {
    if (!/"stream" ?: ?true/.test(body)) return void socket.write(answer)
    const every = 1e6 / pace
    const left = Number(/"max_(?:completion_)?tokens" ?: ?(\d+)/.exec(body)?.[1] ?? 8)
    socket.write(streamHead)
    const stream = { socket, every, left, dueAt: sharedMicroseconds() + Math.random() * every }
    streams.add(stream)
    socket.once('close', () => streams.delete(stream))
    ticking ??= setInterval(tick, 1)
  }
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on(
      'data',
      requestReader((method, body) => (method === 'GET' ? void socket.write(models) : reply(socket, body))),
    )
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** Calls back with each whole request. */
function requestReader(onRequest: (method: string, body: string) => void): (piece: Buffer) => void {
  let head = ''
  let left = 0
  let chunked = false
  let body = ''
  const end = (): void => {
    const method = head.slice(0, head.indexOf(' '))
    head = ''
    onRequest(method, body)
    body = ''
  }
  return (piece) => {
    let from = 0
    if (head === '') {
      from = piece.indexOf('\r\n\r\n') + 4
      head = piece.toString('latin1', 0, from)
      chunked = /\r\ntransfer-encoding: *chunked/i.test(head)
      left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    }
    left -= piece.length - from
    if (body.length < keptBytes) body += piece.toString('latin1', from)
    if (chunked ? body.endsWith('\r\n0\r\n\r\n') : left <= 0) end()
  }
}

if (process.send && process.argv[2] === 'upstream') {
  process.on('disconnect', () => process.exit(0))
  process.send(`http://127.0.0.1:${await serve(Number(process.argv[3]))}`)
}
