import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach } from 'vitest'

const open = new Set<() => Promise<void>>()
afterEach(async () => {
  for (const close of open) await close()
  open.clear()
})

export interface TinyEngine {
  readonly url: string
  /** Names of models that were asked to chat, in order. */
  readonly asked: string[]
}

/**
 * An OpenAI-compatible server: every model says its own name, one whose name begins with `broken` fails, one that
 * begins with `slow` never answers.
 */
export async function tinyEngine(models: readonly string[]): Promise<TinyEngine> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (data: string) => {
      text += data
    })
    request.on('end', () => {
      if (request.url === '/v1/models') return say(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) })
      if (request.url !== '/v1/chat/completions') return say(response, 404, { error: { message: 'not found' } })
      const { model } = JSON.parse(text) as { model: string }
      asked.push(model)
      if (model.startsWith('broken')) return say(response, 500, { error: { message: 'tensor data is out of bounds' } })
      if (!model.startsWith('slow')) answer(response, model)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.add(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked }
}

/** A configuration with this engine and no other. */
export function configure(home: string, engine: TinyEngine): void {
  const none = { enabled: false }
  const providers = {
    ollama: none,
    lmstudio: none,
    llamacpp: none,
    embedded: none,
    tiny: { kind: 'openai-compatible', baseUrl: engine.url },
  }
  writeFileSync(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers }))
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function answer(response: ServerResponse, model: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  response.end(`${chunk({ content: 'I am ' }, null)}${chunk({ content: model }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
}
