/** What the page of an allowed origin is told: what it may send, and what it may read. Nobody else is told anything. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { valuesOf } from './door.ts'

/** What clients of the three dialects send beyond what every page may. */
const requestHeaders = [
  'authorization',
  'content-type',
  'last-event-id',
  'x-api-key',
  'anthropic-version',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
]
const readableHeaders = 'allow, retry-after, x-should-retry, x-modelyard-model, x-modelyard-epoch'
const headerName = /^[a-z0-9][a-z0-9-]{0,63}$/
const maxNames = 64

export function allowReading(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', readableHeaders)
  response.setHeader('vary', 'origin')
}

export function preflightHeaders(request: IncomingMessage): Record<string, string> {
  return {
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': [...new Set([...requestHeaders, ...askedFor(request)])].join(', '),
    'access-control-max-age': '600',
    // Chrome asks before a page of the network may speak to this machine.
    ...(request.headers['access-control-request-private-network'] === 'true' && { 'access-control-allow-private-network': 'true' }),
  }
}

/** The libraries of the dialects send many more (`x-stainless-…`), and a wildcard would not cover `authorization`. */
function askedFor(request: IncomingMessage): string[] {
  const names = valuesOf(request, 'access-control-request-headers').flatMap((value) => value.split(','))
  return names
    .slice(0, maxNames)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => headerName.test(name))
}
