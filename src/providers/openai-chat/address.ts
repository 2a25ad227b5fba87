import { isLoopbackHost } from '../../platform/loopback.ts'

/**
 * The address of an engine without the `/v1` of OpenAI's dialect, and that prefix. `http://h:1/v1` and `http://h:1` are
 * the same engine; an address with another path keeps it and has no prefix of ours.
 */
export function splitAddress(baseUrl: string): { root: string; v1: '/v1' | '' } {
  const trimmed = baseUrl.replace(/\/+$/, '')
  if (trimmed.endsWith('/v1')) return { root: trimmed.slice(0, -3), v1: '/v1' }
  return { root: trimmed, v1: new URL(trimmed).pathname === '/' ? '/v1' : '' }
}

/** The address of an engine with APIs of its own beside `/v1`. */
export const rootAddress = (baseUrl: string): string => baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '')

/** Is the address on this machine? */
export function isLoopback(baseUrl: string): boolean {
  return isLoopbackHost(new URL(baseUrl).hostname)
}
