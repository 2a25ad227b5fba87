/**
 * Other people's APIs: OpenAI's, Anthropic's and Ollama's, each answered in its own dialect by whatever model a slot points
 * at. It cannot switch; it asks the yard who answers. `design.md` beside this file tells the way of a request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ModelyardError } from '../contract/index.ts'
import type { Yard } from '../yard/yard.ts'
import { answer } from './answer.ts'
import { anthropicDialect } from './anthropic/index.ts'
import { type Call, fail } from './call.ts'
import type { Dialect } from './dialect.ts'
import { createEngineDoors } from './engine-doors.ts'
import { ollamaDialect } from './ollama/index.ts'
import { openaiDialect } from './openai/index.ts'
import { type Route, routes } from './routes.ts'
import { cutWhenStalled } from './stalled.ts'
import { type GatewayLimits, usualLimits, type Workshop } from './workshop.ts'

export interface GatewayOptions {
  readonly yard: Yard
  /** Who asks, and for which path, tokens taken out of it. Throws `unauthorized`. */
  readonly caller: (request: IncomingMessage) => { readonly url: string }
  readonly onFault: (error: unknown) => void
  readonly limits?: Partial<GatewayLimits> | undefined
}

export interface Gateway {
  /** Is this path, as it came, the gateway's? */
  owns(url: string): boolean
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Answers that are under way end with an error that says why. */
  end(reason: ModelyardError): void
  close(): Promise<void>
}

const byPlace = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]))
const known = new Set(routes.map((route) => route.path))
const oneModel = '/v1/models/'

export function createGateway({ yard, caller, onFault, limits }: GatewayOptions): Gateway {
  const bounds = { ...usualLimits, ...limits }
  const doors = createEngineDoors(bounds)
  const shop: Workshop = { yard, doors, limits: bounds }
  const open = new Set<AbortController>()

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const leaving = new AbortController()
    open.add(leaving)
    response.once('close', () => {
      open.delete(leaving)
      if (!response.writableFinished) leaving.abort(new ModelyardError('cancelled', 'The client left.'))
    })
    const { stalledMs } = bounds
    const call: Call = { request, response, dialect: dialectOf(request), path: '', signal: leaving.signal, streams: false, stalledMs }
    try {
      const { url } = caller(request)
      call.path = url.split('?', 1)[0] ?? '/'
      await answer(shop, routeOf(request.method ?? '', call.path), call)
    } catch (error) {
      const told = ModelyardError.from(error)
      if (told.code === 'internal') onFault(error)
      fail(call, told)
    }
    if (response.writableLength > 0) cutWhenStalled(call)
  }
  return {
    owns: (url) => /^\/(?:v1|api|t)(?:\/|\?|$)/.test(url),
    handle: (request, response) => void handle(request, response),
    end(reason) {
      for (const leaving of open) leaving.abort(reason)
    },
    close: doors.close,
  }
}

/** Throws `not_found`, `method_not_allowed`. */
function routeOf(method: string, path: string): Route {
  const asked = method === 'HEAD' ? 'GET' : method
  const found = byPlace.get(`${asked} ${path}`) ?? (path.startsWith(oneModel) ? byPlace.get(`${asked} ${oneModel}*`) : undefined)
  if (found) return found
  if (known.has(path))
    throw new ModelyardError('method_not_allowed', `${path} does not answer ${method}.`, { hint: 'See its methods in docs/gateway.md.' })
  throw new ModelyardError('not_found', `The gateway has no route ${method} ${path.slice(0, 200)}.`, {
    hint: 'See which it has: docs/gateway.md.',
  })
}

/** Also for what is refused before anything is known of it. */
function dialectOf({ url = '', headers }: IncomingMessage): Dialect {
  if (/^(?:\/t\/[^/]*)?\/(?:api(?:[/?]|$)|(?:\?|$))/.test(url)) return ollamaDialect
  if (/^(?:\/t\/[^/]*)?\/v1\/messages/.test(url) || headers['anthropic-version'] !== undefined) return anthropicDialect
  return openaiDialect
}
