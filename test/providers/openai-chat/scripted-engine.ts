import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResolvedProvider } from '../../../src/contract/resolved-provider.ts'
import type { ChatPart, Provider } from '../../../src/providers/provider.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Record<string, unknown>
}

export type Answerer = (asked: Asked, response: ServerResponse) => void

export interface ScriptedEngine {
  readonly url: string
  readonly asked: Asked[]
  /** Asked so far, as `GET /path`. */
  lines(): string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** An engine on a real socket that answers as the test says. */
export async function scriptedEngine(answer: Answerer): Promise<ScriptedEngine> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? {} : JSON.parse(text),
      }
      asked.push(one)
      answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    lines: () => asked.map(({ method, path }) => `${method} ${path}`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body))
}

export function sendEvents(response: ServerResponse, chunks: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) response.write(chunk)
  response.end()
}

export interface Recording {
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown }
  readonly response: {
    readonly status: number
    readonly headers: Record<string, string>
    readonly json?: unknown
    readonly text?: string
    readonly chunks?: string[]
    /** `end`, or what it broke off with. */
    readonly ended?: string
  }
}

const root = new URL('../../../src/testing/recorded/', import.meta.url)

export const recording = (path: string): Recording => JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Recording
export const recordings = (folder: string): string[] => readdirSync(new URL(folder, root)).sort()

/** Sends what the real engine sent; like llama-server it closes the connection after a stream. */
export function replay(response: ServerResponse, path: string): void {
  const { status, headers, json, text, chunks } = recording(path).response
  const { 'transfer-encoding': _, ...kept } = headers
  response.writeHead(status, kept)
  if (chunks) for (const chunk of chunks) response.write(chunk)
  response.end(chunks ? '' : json === undefined ? (text ?? '') : JSON.stringify(json))
  if (chunks) response.on('finish', () => response.socket?.destroySoon())
}

export const providerConfig = (over: Partial<ResolvedProvider> & Pick<ResolvedProvider, 'kind'>): ResolvedProvider => ({
  id: over.kind,
  enabled: true,
  ...over,
})

export const notAborted = (): AbortSignal => new AbortController().signal

/** All parts of one answer to "Say hello." */
export async function chatParts(provider: Provider, model: string, over: Record<string, unknown> = {}): Promise<ChatPart[]> {
  const parts: ChatPart[] = []
  const request = { model, messages: [{ role: 'user' as const, content: 'Say hello.' }], maxTokens: 10, ...over }
  for await (const part of provider.chat(request, { signal: notAborted() })) parts.push(part)
  return parts
}

export const textOf = (parts: readonly ChatPart[]): string => parts.map((part) => (part.type === 'delta' ? part.text : '')).join('')
