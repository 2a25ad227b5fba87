/** The control API without a network: for commands that do their work in their own process. */
import { randomBytes } from 'node:crypto'
import type { TokenScope } from '../contract/index.ts'
import type { Yard } from '../yard/yard.ts'
import { createControlApi } from './control-api.ts'

export interface InProcessApi {
  /** To be given to the client of `modelyard/client` together with `url` and `token`. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  readonly url: string
  readonly token: string
  close(): void
}

export function createInProcessApi(yard: Yard, options: { onFault?: ((error: unknown) => void) | undefined } = {}): InProcessApi {
  const token = randomBytes(32).toString('hex')
  const scopeOf = (candidate: string): TokenScope | undefined => (candidate === token ? 'control' : undefined)
  const api = createControlApi({ yard, scopeOf, openapi: () => '{}', onFault: options.onFault })
  return {
    url: 'http://modelyard.invalid',
    token,
    fetch: (input, init) => api.fetch(new Request(input, init), { local: true, signal: init?.signal ?? undefined }),
    close: api.close,
  }
}
