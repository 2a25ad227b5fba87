/** A gateway over real sockets: a yard, its listener, and clients that know its token. */
import type { ConfigFile } from '../../src/contract/index.ts'
import { type Listening, type ListenOptions, listen } from '../../src/server/listen.ts'
import { type TestYard, type TestYardOptions, testYard } from '../support/test-yard.ts'

export const token = 'the-token-of-this-very-test-0123456789'

export interface Scene extends AsyncDisposable {
  readonly test: TestYard
  readonly service: Listening
  readonly url: string
  /** With the token; a body is sent as JSON, a text as it is. */
  ask(path: string, body?: unknown, init?: RequestInit): Promise<Response>
  readonly logged: readonly string[]
}

export async function gatewayScene(
  options: TestYardOptions & { readonly switchTo?: string | undefined; readonly limits?: ListenOptions['limits'] } = {},
): Promise<Scene> {
  const { switchTo, limits, ...given } = options
  const test = await testYard(given)
  const logged: string[] = []
  const service = await listen({
    yard: test.yard,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    tokens: { matches: (candidate) => candidate === token, onRotate: () => () => {} },
    limits,
    log: (message, error) => void logged.push(`${message} ${String(error ?? '')}`),
  })
  if (switchTo !== undefined) {
    const { outcome, error } = await test.yard.slot('default').switch(switchTo)
    if (outcome !== 'switched') throw new Error(`${outcome}: ${error?.message}`)
  }
  return {
    test,
    service,
    url: service.url,
    logged,
    ask: (path, body, init = {}) =>
      fetch(service.url + path, {
        method: body === undefined ? 'GET' : 'POST',
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
      }),
    async [Symbol.asyncDispose]() {
      await service.close(0)
      await test[Symbol.asyncDispose]()
    },
  }
}

export const ollamaAt = (url: string): NonNullable<ConfigFile['providers']> => ({ ollama: { enabled: true, baseUrl: url } })
export const llamaAt = (url: string): NonNullable<ConfigFile['providers']> => ({ llamacpp: { enabled: true, baseUrl: url } })
export const openaiAt = (url: string): NonNullable<ConfigFile['providers']> => ({
  other: { kind: 'openai-compatible', baseUrl: `${url}/v1` },
})
