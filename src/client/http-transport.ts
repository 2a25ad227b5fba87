import { ModelyardError } from '../contract/index.ts'
import { lost, refusal } from './errors.ts'
import { linked } from './linked.ts'
import { readStream } from './read-stream.ts'
import type { Call, Reply, Transport } from './transport.ts'
import type { ClientOptions, FetchLike } from './types.ts'

/** Calls over HTTP, each with the token in its header. Redirects are refused: a token goes to one address only. */
export function httpTransport(options: ClientOptions): Transport {
  const url = options.url
  const fetch: FetchLike = options.fetch ?? ((address, init) => globalThis.fetch(address, init))
  const ask = async (call: Call, accept: string): Promise<Response> => {
    call.signal?.throwIfAborted()
    return fetch(url + call.path, await requestOf(options, call, accept))
  }

  async function send(call: Call): Promise<Reply> {
    try {
      const response = await ask(call, 'application/json')
      return { status: response.status, body: bodyOf(await response.text(), response) }
    } catch (error) {
      throw lost(url, error, call.signal)
    }
  }

  async function* stream(call: Call): AsyncGenerator<unknown, void, void> {
    const leaving = linked(call.signal)
    try {
      const response = await ask({ ...call, signal: leaving.signal }, 'text/event-stream')
      if (!response.ok || !isEventStream(response))
        throw refusal({ status: response.status, body: bodyOf(await response.text(), response) })
      if (response.body) yield* readStream(response.body, leaving.signal)
    } catch (error) {
      throw lost(url, error, call.signal)
    } finally {
      leaving.end(new ModelyardError('cancelled'))
    }
  }

  return { send, stream }
}

async function requestOf({ token }: ClientOptions, call: Call, accept: string): Promise<RequestInit> {
  const bearer = call.open ? undefined : typeof token === 'function' ? await token() : token
  return {
    method: call.method,
    redirect: 'error',
    headers: {
      accept,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    ...(call.signal && { signal: call.signal }),
  }
}

const typeOf = (response: Response): string => response.headers.get('content-type') ?? ''
const isEventStream = (response: Response): boolean => typeOf(response).startsWith('text/event-stream')

/** Errors without JSON stay text: the status says enough. A good answer must be what we speak. */
function bodyOf(text: string, response: Response): unknown {
  if (text === '') return undefined
  if (/^application\/(?:[\w.+-]*\+)?json\b/.test(typeOf(response))) return JSON.parse(text)
  if (response.ok) throw new ModelyardError('service_unreachable', 'What answers at the address is not a Modelyard service: no JSON came.')
  return text
}
