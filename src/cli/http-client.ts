import { Agent, fetch } from 'undici'
import { type Client, createClient, type FetchLike } from '../client/index.ts'

/** A client without time limits of its own: a load may take as long as its service allows. */
export function clientOver(url: string, token: () => Promise<string>): { client: Client; close(): Promise<void> } {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  const fetchWith = ((address: string, init: object) => fetch(address, { ...init, dispatcher })) as unknown as FetchLike
  return { client: createClient({ url, token, fetch: fetchWith }), close: () => dispatcher.destroy() }
}
