/**
 * The control API over one yard: `fetch` in, `Response` out. It neither listens nor knows where a request comes from,
 * so HTTP, a message on a WebSocket and a command in the same process go through the same checks.
 */
import { Hono } from 'hono'
import { ModelyardError, type Route, type RouteName, routes, type TokenScope } from '../contract/index.ts'
import { bearerIn } from '../util/bearer.ts'
import type { Yard } from '../yard/yard.ts'
import { json, problem } from './answers.ts'
import type { Handler } from './handler.ts'
import { createHandlers } from './handlers.ts'
import { createMetrics } from './metrics.ts'
import { parseCall } from './parse-call.ts'

export interface ControlApiOptions {
  readonly yard: Yard
  /** What this token opens, undefined for nothing. Asked for every route but the open ones. */
  readonly scopeOf: (token: string) => TokenScope | undefined
  /** The OpenAPI document, as text. */
  readonly openapi: () => string
  /** Told of faults of our own; never of what a caller did wrong. */
  readonly onFault?: ((error: unknown) => void) | undefined
}

/** Who asks, as far as whoever took the connection knows. */
export interface Caller {
  /** The connection comes from this machine. */
  readonly local: boolean
  /**
   * Aborts when the caller leaves; the request's own when absent. That of a request that nothing refers to any more
   * follows nobody, and an answer may be read for much longer.
   */
  readonly signal?: AbortSignal | undefined
}

export interface ControlApi {
  fetch(request: Request, caller: Caller): Promise<Response>
  close(): void
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export function createControlApi(options: ControlApiOptions): ControlApi {
  const { yard, onFault } = options
  const metrics = createMetrics(yard)
  const handlers = createHandlers({ openapi: options.openapi, metrics: metrics.text })
  const app = new Hono<{ Bindings: Caller }>({ strict: true })

  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    app.on(route.method, honoPath(route.path), async (context) => {
      const request = context.req.raw
      const handler = handlers[name] as Handler<RouteName>
      const answer = await answered({ route, handler, request, params: context.req.param(), caller: context.env })
      metrics.countRequest(name, answer.status)
      return answer
    })
  }

  interface Answering {
    readonly route: Route
    readonly handler: Handler<RouteName>
    readonly request: Request
    readonly params: Readonly<Record<string, string>>
    readonly caller: Caller
  }

  const answered = async ({ route, handler, request, params, caller }: Answering): Promise<Response> => {
    try {
      if (!route.open) requireToken(request, options.scopeOf)
      const call = await parseCall(route, request, params)
      const signal = caller.signal ?? request.signal
      const header = (wanted: string): string | undefined => request.headers.get(wanted) ?? undefined
      const value = await (handler as (call: unknown) => unknown)({ yard, ...call, signal, local: caller.local, header })
      return value instanceof Response ? value : value === undefined ? new Response(null, { status: 204 }) : json(value)
    } catch (error) {
      const known = ModelyardError.from(error)
      if (known.code === 'internal') onFault?.(error)
      return problem(known)
    }
  }

  app.notFound((context) => unknownRoute(context.req.raw, options.scopeOf))
  app.onError((error) => {
    onFault?.(error)
    return problem(error)
  })

  return { fetch: async (request, caller) => app.fetch(request, caller), close: metrics.close }
}

/** `{ref}` of the contract is `:ref` there. */
const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

/** A wrong header, a missing one and one that opens the gateway only are told apart; none learns whether the route exists. */
function requireToken(request: Request, scopeOf: ControlApiOptions['scopeOf']): void {
  const header = request.headers.get('authorization')
  if (header === null) throw new ModelyardError('unauthorized', 'No token came with the request.')
  const token = bearerIn(header)
  const scope = token === undefined ? undefined : scopeOf(token)
  if (scope === undefined) throw new ModelyardError('unauthorized', 'The token is not the right one.')
  if (scope !== 'control') throw gatewayOnly()
}

const gatewayOnly = (): ModelyardError =>
  new ModelyardError('forbidden', 'This token opens the gateway (/v1 and /api) and no route of control.', {
    hint: 'Use the token of `modelyard token`, or make one: modelyard token create NAME --scope control',
  })

function unknownRoute(request: Request, scopeOf: ControlApiOptions['scopeOf']): Response {
  try {
    requireToken(request, scopeOf)
  } catch (error) {
    return problem(error)
  }
  const { pathname } = new URL(request.url)
  const others = Object.values(routes).filter((route) => shapeOf(route.path).test(pathname))
  if (others.length === 0) return problem(new ModelyardError('not_found', `There is nothing at ${pathname.slice(0, 200)}.`))
  const allowed = methods.filter((method) => others.some((route) => route.method === method))
  const answer = problem(
    new ModelyardError('method_not_allowed', `${pathname.slice(0, 200)} answers ${allowed.join(', ')}, not ${request.method}.`),
  )
  answer.headers.set('allow', allowed.join(', '))
  return answer
}

const shapeOf = (path: string): RegExp => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
