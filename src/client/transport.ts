import { type RouteAddress, type RouteName, routePaths } from '../contract/index.ts'

/** One call of the control API, before it is known how it travels. */
export interface Call {
  readonly method: RouteAddress['method']
  /** With its query. */
  readonly path: string
  /** It needs no token, and gets none. */
  readonly open?: boolean
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** How calls travel. Both methods throw `service_unreachable` when the service is lost, and the signal's reason. */
export interface Transport {
  /** Any status is a reply. */
  send(call: Call): Promise<Reply>
  /** The events of a streamed answer; a refusal throws. It ends without an error when the service ended it. */
  stream(call: Call): AsyncGenerator<unknown, void, void>
}

export interface Particulars {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** The call of a route: parameters become one percent-encoded segment each, what is undefined stays out. */
export function callOf(name: RouteName, { params = {}, query = {}, body, signal }: Particulars = {}): Call {
  const route: RouteAddress = routePaths[name]
  const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))
  const asked = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(asked.map(([key, value]): [string, string] => [key, String(value)])).toString()
  return { method: route.method, path: search === '' ? path : `${path}?${search}`, ...(route.open && { open: true }), body, signal }
}
