/** One open WebSocket: events flow out; calls come in, each answered under its id. */

import type { WebSocket } from 'ws'
import { z } from 'zod'
import type { Caller, ControlApi } from '../api/control-api.ts'
import { ModelyardError, routes, toProblem } from '../contract/index.ts'
import { closeCodes } from './close-codes.ts'

export interface SessionOptions {
  readonly socket: WebSocket
  readonly api: ControlApi
  readonly token: string
  readonly caller: Caller
  /** Of the events: `?since=…&slot=…`. */
  readonly query: string
}

const message = z.union([
  z.strictObject({ id: z.string().min(1).max(128), cancel: z.literal(true) }),
  z.strictObject({
    id: z.string().min(1).max(128),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z.string().regex(/^\/[^\s#]{0,4096}$/),
    body: z.unknown().optional(),
  }),
])

const maxCalls = 256
/** Bytes that may wait in the connection before no more are made. */
const highWaterBytes = 2 ** 20
/** So long may a reader not read at all before it is let go. */
const stalledMs = 30_000

export function createSocketSession({ socket, api, token, caller, query }: SessionOptions): void {
  const ended = new AbortController()
  const calls = new Map<string, AbortController>()
  const send = (text: string): Promise<void> => sendSlowly(socket, text, ended.signal)
  const ask = (path: string, signal: AbortSignal, init: RequestInit = {}): Promise<Response> =>
    api.fetch(
      new Request(`http://modelyard.invalid${path}`, {
        ...init,
        signal,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      }),
      { ...caller, signal },
    )

  const events = async (): Promise<void> => {
    const answer = await ask(routes.events.path + query, ended.signal)
    if (answer.status !== 200) return socket.close(closeCodes.badQuery, 'The query of the events is not valid.')
    for await (const data of eventsIn(answer, ended.signal)) await send(data)
    socket.close(closeCodes.goingAway)
  }

  const call = async (id: string, path: string, init: RequestInit): Promise<void> => {
    if (calls.has(id) || calls.size >= maxCalls)
      return send(
        problemOf(id, new ModelyardError('conflict', calls.has(id) ? `A call "${id}" is under way.` : 'Too many calls are under way.')),
      )
    const abort = new AbortController()
    calls.set(id, abort)
    try {
      const answer = await ask(path, AbortSignal.any([abort.signal, ended.signal]), init)
      if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
        for await (const data of eventsIn(answer, abort.signal)) await send(`{"id":${JSON.stringify(id)},"event":${data}}`)
        await send(JSON.stringify({ id, status: answer.status }))
      } else await send(await wholeAnswer(id, answer))
    } finally {
      calls.delete(id)
    }
  }

  socket.on('message', (data) => {
    const said = message.safeParse(parse(String(data)))
    if (!said.success)
      return void send(
        problemOf(undefined, new ModelyardError('invalid_request', 'Expected {"id","method","path","body"?} or {"id","cancel":true}.')),
      )
    const { id } = said.data
    if ('cancel' in said.data) return calls.get(id)?.abort(new ModelyardError('cancelled'))
    const { method, path, body } = said.data
    void call(id, path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) }).catch(() => undefined)
  })
  socket.once('close', () => {
    ended.abort(new ModelyardError('cancelled'))
    for (const one of calls.values()) one.abort(new ModelyardError('cancelled'))
  })
  void events().catch(() => socket.terminate())
}

/** The data of each server-sent event, as it is: the same bytes as on the stream. */
async function* eventsIn(answer: Response, signal: AbortSignal): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  const leave = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', leave, { once: true })
  let rest = ''
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const blocks = (rest + next.value).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: '))
        if (data) yield data.slice(6)
      }
    }
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}

async function wholeAnswer(id: string, answer: Response): Promise<string> {
  const text = await answer.text()
  const json = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
  const body = text === '' ? undefined : json ? text : JSON.stringify(text)
  return `{"id":${JSON.stringify(id)},"status":${answer.status}${body === undefined ? '' : `,"body":${body}`}}`
}

function problemOf(id: string | undefined, error: ModelyardError): string {
  const body = toProblem(error)
  return JSON.stringify({ ...(id !== undefined && { id }), status: body.status, body })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Nothing more is made while a reader does not read; one that reads nothing at all is let go. */
async function sendSlowly(socket: WebSocket, text: string, ended: AbortSignal): Promise<void> {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount < highWaterBytes) return socket.send(text)
  let timer: NodeJS.Timeout | undefined
  const written = new Promise<void>((resolve) => {
    socket.send(text, () => resolve())
    ended.addEventListener('abort', () => resolve(), { once: true })
    timer = setTimeout(() => {
      socket.terminate()
      resolve()
    }, stalledMs)
  })
  await written.finally(() => clearTimeout(timer))
}
