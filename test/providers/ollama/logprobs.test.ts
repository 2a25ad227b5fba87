/** How probable tokens were, asked of Ollama and read from it: fields of its requests and answers since 0.12.11. */
import { expect, it } from 'vitest'
import { chatBody } from '../../../src/providers/ollama/chat-body.ts'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import { fakeOllama } from '../../../src/testing/fakes/fake-ollama.ts'
import { chatParts, providerConfig } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, lines, withOllama } from './with-ollama.ts'

const hello = [{ role: 'user' as const, content: 'Hello' }]

it.each([
  [0, { logprobs: true }],
  [3, { logprobs: true, top_logprobs: 3 }],
  [undefined, {}],
])('are asked for in its words: %s', (logprobs, fields) => {
  const { logprobs: told, top_logprobs: top } = chatBody({ model: 'm', messages: hello, ...(logprobs !== undefined && { logprobs }) })
  expect({ ...(told !== undefined && { logprobs: told }), ...(top !== undefined && { top_logprobs: top }) }).toEqual(fields)
})

const told = [{ token: 'H', logprob: -0.5, bytes: [72], top_logprobs: [{ token: 'H', logprob: -0.5 }] }]
const last = { model: 'm', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }
const piece = (message: object, more: object = {}) => ({
  model: 'm',
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
})
const chat = (...all: unknown[]) => answering({ 'POST /api/chat': lines(...all) })

it('stand beside what they are of, alone where a call is still gathered, and in the last line', async () => {
  const answer = chat(
    piece({ thinking: 'Hm' }, { logprobs: told }),
    piece({ content: 'H' }, { logprobs: told }),
    piece({}, { logprobs: told }),
    piece({ content: 'i' }),
    { ...last, logprobs: told },
  )
  const logprobs = [{ token: 'H', logprob: -0.5, bytes: [72], top: [{ token: 'H', logprob: -0.5 }] }]
  await withOllama(answer, async (provider) => {
    expect((await chatParts(provider, 'm', { logprobs: 1 })).slice(1, -1)).toEqual([
      { type: 'reasoning', text: 'Hm', logprobs },
      { type: 'delta', text: 'H', logprobs },
      { type: 'delta', text: '', logprobs },
      { type: 'delta', text: 'i' },
      { type: 'delta', text: '', logprobs },
    ])
  })
})

it('that nobody asked for are not read, and damaged ones are no answer', async () => {
  const damaged = chat(piece({ content: 'H' }, { logprobs: [{ token: 'H' }] }), last)
  await withOllama(damaged, async (provider) => {
    expect((await chatParts(provider, 'm')).slice(1, -1)).toStrictEqual([{ type: 'delta', text: 'H' }])
    expect((await failureOf(chatParts(provider, 'm', { logprobs: 0 }))).code).toBe('provider_protocol')
  })
})

it('come from the fake as from the real one, with as many alternatives as were asked for', async () => {
  await using engine = await fakeOllama({ models: [{ name: 'tiny:latest', reasoning: true }] })
  const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: engine.url }))
  try {
    const parts = await chatParts(provider, 'tiny:latest', { maxTokens: 3, logprobs: 2 })
    const tokens = parts.flatMap((part) => ('logprobs' in part ? (part.logprobs ?? []) : []))
    expect(parts.map(({ type }) => type)).toEqual(['start', 'reasoning', 'reasoning', 'delta', 'end'])
    expect(tokens.map(({ token, top }) => [token, top.map((one) => one.token)])).toEqual([
      ['tiny:latest#0 ', ['tiny:latest#0 ', 'tiny:latest#0 ?1']],
      ['tiny:latest#1 ', ['tiny:latest#1 ', 'tiny:latest#1 ?1']],
      ['tiny:latest#2 ', ['tiny:latest#2 ', 'tiny:latest#2 ?1']],
    ])
  } finally {
    await provider.close()
  }
})
