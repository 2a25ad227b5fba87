import { expect } from 'vitest'
import { ModelyardError } from '../../../src/contract/index.ts'
import { createEngineHttp, type EngineHttp } from '../../../src/platform/engine-http.ts'
import { type RawRequest, type RawServer, rawServer } from './raw-server.ts'

export async function withHttp(
  answer: (request: RawRequest) => void,
  run: (http: EngineHttp, server: RawServer) => Promise<void>,
  host?: string,
): Promise<void> {
  await using server = await rawServer(answer, host)
  const http = createEngineHttp({ baseUrl: server.url, label: 'The engine' })
  try {
    await run(http, server)
  } finally {
    await http.close()
  }
}

export const notAborted = (): AbortSignal => new AbortController().signal

/** The error with which it fails, which must be one of ours. */
export async function failureOf(work: Promise<unknown>): Promise<ModelyardError> {
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failed, 'it should have failed').toBeDefined()
  expect(ModelyardError.is(failed), String(failed)).toBe(true)
  return failed as ModelyardError
}

export async function allText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Something that a test waits for. */
export function signpost(): { readonly reached: Promise<void>; reach(): void } {
  let reach = (): void => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  return { reached, reach: () => reach() }
}

/** A connection is free for the next call a turn of the event loop after its answer was read. */
export const connectionsFree = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
