import { abortReason, ModelyardError } from '../contract/index.ts'
import { httpTransport } from './http-transport.ts'
import { socketTransport } from './socket-transport.ts'
import type { Client, ClientOptions, Connection } from './types.ts'
import { verbsOver } from './verbs.ts'

/** A client of a running service, for Node and browsers. Opens nothing before the first call. */
export function createClient(options: ClientOptions): Client {
  const url = addressOf(options.url)
  const settled = { ...options, url }
  return { url, ...verbsOver(httpTransport(settled)), connect: (how) => connect(settled, how?.signal) }
}

async function connect(options: ClientOptions, signal?: AbortSignal): Promise<Connection> {
  if (signal?.aborted) throw abortReason(signal)
  const transport = socketTransport(options)
  const abort = (): void => void transport.close()
  signal?.addEventListener('abort', abort, { once: true })
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', abort)
    await transport.close()
  }
  try {
    await transport.open()
  } catch (error) {
    await close()
    throw signal?.aborted ? abortReason(signal) : error
  }
  return { ...verbsOver(transport), close, [Symbol.asyncDispose]: close }
}

/** Without a slash at its end; a user or password in it is refused, for it would end up in logs. */
function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new ModelyardError('invalid_request', 'The address of the service must be an http or https URL, such as http://127.0.0.1:7411.')
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new ModelyardError('invalid_request', 'Put no user or password into the address of the service; pass the token as "token".')
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, '')
}
