/** The one way out to the internet: directly, or through the proxy that the user's variables name. HTTP/1.1 only. */
import type { LookupFunction } from 'node:net'
import { Agent, Dispatcher, Pool, ProxyAgent } from 'undici'
import { lookUp as usualLookUp } from './look-up.ts'
import { guardedLookUp } from './private-network.ts'
import { type Proxies, proxyFor } from './proxies.ts'

export interface OutboundOptions {
  readonly proxies: Proxies
  readonly connectMs: number
  /** Until an answer begins; default 30 s. */
  readonly headersMs?: number | undefined
  /** Between two pieces of an answer; default 30 s. */
  readonly bodyMs?: number | undefined
  readonly maxHeaderBytes?: number | undefined
  /** Asked where a name leads into a private network; default: it may. What a proxy connects to is the proxy's. */
  readonly allowPrivate?: (() => Promise<boolean>) | undefined
  /** Names as a test wants them. */
  readonly lookUp?: LookupFunction | undefined
}

const usualMs = 30_000
const usualHeaderBytes = 64 * 1024

export function createOutbound(options: OutboundOptions): Dispatcher {
  return new Outbound(options)
}

class Outbound extends Dispatcher {
  readonly #proxies: Proxies
  readonly #direct: Agent
  readonly #through: (address: string) => ProxyAgent
  readonly #agents = new Map<string, ProxyAgent>()

  constructor({
    proxies,
    connectMs,
    headersMs = usualMs,
    bodyMs = usualMs,
    maxHeaderBytes = usualHeaderBytes,
    allowPrivate,
    lookUp = usualLookUp,
  }: OutboundOptions) {
    super()
    const connect = { timeout: connectMs, autoSelectFamily: true, lookup: lookUp }
    const limits = { headersTimeout: headersMs, bodyTimeout: bodyMs, maxHeaderSize: maxHeaderBytes, pipelining: 1 }
    this.#proxies = proxies
    const guarded = allowPrivate ? guardedLookUp(lookUp, allowPrivate) : lookUp
    this.#direct = new Agent({ ...limits, connect: { ...connect, lookup: guarded } })
    this.#through = (uri) =>
      new ProxyAgent({
        ...limits,
        uri,
        proxyTls: connect,
        requestTls: { timeout: connectMs },
        clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: connectMs }),
      })
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const proxy = proxyFor(new URL(String(options.origin)), this.#proxies)
    return this.#agent(proxy).dispatch(options as Agent.DispatchOptions, handler)
  }

  #agent(proxy: string | undefined): Agent | ProxyAgent {
    if (proxy === undefined) return this.#direct
    const known = this.#agents.get(proxy)
    if (known) return known
    const made = this.#through(proxy)
    this.#agents.set(proxy, made)
    return made
  }

  override async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#agents.values()].map((one) => one.close()))
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#direct, ...this.#agents.values()].map((one) => one.destroy()))
  }
}

/** The status with which a proxy refused to connect us; undefined for other failures. */
export function proxyRefusal(error: unknown): number | undefined {
  const status = error instanceof Error ? /^Proxy response \((\d{3})\) !== 200/.exec(error.message)?.[1] : undefined
  return status === undefined ? undefined : Number(status)
}
