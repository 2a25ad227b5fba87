/** What a server is asked beyond OpenAI's own fields depends on what it says it is. */
import { describe, expect, it } from 'vitest'
import { createOpenAiCompatible } from '../../../src/providers/openai-compatible/index.ts'
import { fakeOpenAi } from '../../../src/testing/fakes/fake-openai.ts'
import { chatParts, notAborted, providerConfig } from '../openai-chat/scripted-engine.ts'

async function asked(ownedBy: string, over: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
  await using engine = await fakeOpenAi({ models: [{ name: 'm' }], ownedBy })
  const provider = createOpenAiCompatible(providerConfig({ kind: 'openai-compatible', baseUrl: `${engine.url}/v1` }))
  try {
    await provider.list(notAborted())
    await chatParts(provider, 'm', over)
    return engine.ledger.at(-1)?.body
  } finally {
    await provider.close()
  }
}

const tools = [{ name: 'one' }, { name: 'two' }]

describe('a server that is asked', () => {
  it.each([
    ['vllm', { top_k: 5, min_p: 0.1, repetition_penalty: 1.1 }],
    ['sglang', { top_k: 5, min_p: 0.1, repetition_penalty: 1.1 }],
    ['llamacpp', { top_k: 5, min_p: 0.1, repeat_penalty: 1.1 }],
    ['llama-swap', { top_k: 5, min_p: 0.1, repeat_penalty: 1.1 }],
  ])('%s has its own words for sampling, and thinks as told', async (ownedBy, fields) => {
    const body = await asked(ownedBy, { topK: 5, minP: 0.1, repeatPenalty: 1.1, reasoning: false })
    expect(body).toMatchObject({ ...fields, chat_template_kwargs: { enable_thinking: false } })
  })

  it.each(['topK', 'minP', 'repeatPenalty'])('of which nothing is known does not get %s', async (field) => {
    await expect(asked('somebody', { [field]: 1 })).rejects.toMatchObject({ code: 'invalid_request', details: { field } })
  })

  it.each([
    ['vllm', true],
    ['sglang', true],
    ['somebody', true],
    ['llamacpp', false],
    ['llama-swap', false],
  ])('%s is asked how probable tokens were, where tools can be called as well: %s', async (ownedBy, withTools) => {
    expect(await asked(ownedBy, { logprobs: 0 })).toMatchObject({ logprobs: true, top_logprobs: 1 })
    const both = asked(ownedBy, { logprobs: 0, tools })
    if (withTools) expect(await both).toMatchObject({ logprobs: true, tools: [{}, {}] })
    else await expect(both).rejects.toMatchObject({ code: 'invalid_request', details: { field: 'logprobs' } })
  })

  it('gets a tool by name where it takes names, else that one alone', async () => {
    const over = { tools, toolChoice: { name: 'two' } }
    const named = { type: 'function', function: { name: 'two' } }
    expect(await asked('vllm', over)).toMatchObject({ tools: [{}, {}], tool_choice: named })
    expect(await asked('llamacpp', over)).toMatchObject({ tools: [{ function: { name: 'two' } }], tool_choice: 'required' })
  })
})
