import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import type { OllamaLimits } from '../../../src/providers/ollama/ollama.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { type Answerer, providerConfig, replay, type ScriptedEngine, scriptedEngine, sendJson } from '../openai-chat/scripted-engine.ts'

export const limits: OllamaLimits = { loadMs: () => 20_000, unloadMs: 20_000, startMs: 20_000, pullIdleMs: 20_000, stepMs: 20_000 }

export async function withOllama(
  answer: Answerer,
  run: (provider: Provider, engine: ScriptedEngine) => Promise<void>,
  over: { apiKey?: string; limits?: Partial<OllamaLimits> } = {},
): Promise<void> {
  await using engine = await scriptedEngine(answer)
  const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: engine.url, apiKey: over.apiKey }), { ...limits, ...over.limits })
  try {
    await run(provider, engine)
  } finally {
    await provider.close()
  }
}

type Reply = string | object | ((response: ServerResponse) => void)

/**
 * Answers by method and path: a recording's name within `ollama/`, an object as JSON, or what a function does. Of a
 * list each call takes the next, the last one stays.
 */
export function answering(replies: Readonly<Record<string, Reply | readonly Reply[]>>): Answerer {
  const calls = new Map<string, number>()
  return ({ method, path }, response) => {
    const line = `${method} ${path}`
    const found = replies[line]
    const list = Array.isArray(found) ? (found as readonly Reply[]) : [found as Reply]
    const call = calls.get(line) ?? 0
    calls.set(line, call + 1)
    const reply = list[Math.min(call, list.length - 1)]
    if (reply === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
    else if (typeof reply === 'string') replay(response, `ollama/${reply}.json`)
    else if (typeof reply === 'function') reply(response)
    else sendJson(response, 200, reply)
  }
}

export const refusing =
  (status: number, error: unknown) =>
  (response: ServerResponse): void =>
    sendJson(response, status, { error })

/** An answer of `/api/chat` from these lines. */
export const lines =
  (...all: unknown[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.end(all.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  }

export async function failureOf(work: Promise<unknown>): Promise<ModelyardError> {
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(ModelyardError.is(failed), `one of our errors, not ${String(failed)}`).toBe(true)
  return failed as ModelyardError
}
