/** A prompt that is too long: in the words of each dialect over each engine, with the limit and what to change. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineName, type Engines, refs, slots, threeEngines } from './engines.ts'

let engines: Engines
beforeAll(async () => {
  engines = await threeEngines()
})
afterAll(() => engines[Symbol.asyncDispose]())

const limits: Readonly<Record<EngineName, number>> = { openai: 2048, ollama: 4096, llama: 256 }
const long = 'word '.repeat(10_000)

/** As vLLM says it. */
function refuseLong(): void {
  const message = `This model's maximum context length is 2048 tokens. However, your request has 10007 input tokens. Please reduce the length of the input messages.`
  engines.openai.faults.add({
    path: '/v1/chat/completions',
    fault: { kind: 'status', status: 400, body: { error: { message, type: 'BadRequestError', param: null, code: 400 } } },
  })
}

const bodies: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { messages: [{ role: 'user', content: long }] },
  '/v1/messages': { messages: [{ role: 'user', content: long }], max_tokens: 4 },
  '/api/chat': { messages: [{ role: 'user', content: long }] },
}

describe.each(slots)('over %s', (slot) => {
  it.each(Object.keys(bodies).flatMap((path) => [true, false].map((stream) => [path, stream] as const)))(
    '%s, stream: %s',
    async (path, stream) => {
      refuseLong()
      const answer = await engines.scene.ask(path, { model: slot, stream, ...bodies[path] })
      engines.openai.faults.clear()
      const body = (await answer.json()) as { error: { message: string; code: string } & string }
      expect(answer.status).toBe(400)
      const message = path === '/api/chat' ? String(body.error) : body.error.message
      expect(message).toContain(String(limits[slot]))
      expect(message).toContain(slot === 'ollama' ? `\`modelyard set ${refs[slot]} --ctx N\`` : 'with a larger context')
      expect(message).toContain('Shorten')
      if (path === '/v1/chat/completions')
        expect(body.error).toEqual({
          message,
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        })
      if (path === '/v1/messages') {
        expect(message).toMatch(/^prompt is too long: \d+ tokens > \d+ maximum/)
        expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
      }
      expect(engines.scene.test.yard.slots.get(slot)).toMatchObject({ leases: 0, state: 'serving' })
    },
  )
})
