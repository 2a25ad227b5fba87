/** How families of models are asked, by what the engine's package knows of them. No weights: a token is a character. */
import { beforeAll, describe, expect, it } from 'vitest'
import { orderOf } from '../../../src/providers/embedded/chat-order.ts'
import type { ChatModel } from '../../../src/providers/embedded/child-load.ts'
import { type Prompt, promptOf } from '../../../src/providers/embedded/child-prompt.ts'
import { findEngine } from '../../../src/providers/embedded/engine-folder.ts'
import type { ChatWrapper, LlamaPackage } from '../../../src/providers/embedded/llama-types.ts'
import type { ProviderChatRequest } from '../../../src/providers/provider.ts'

type Wrappers = Record<'QwenChatWrapper' | 'HarmonyChatWrapper' | 'MistralChatWrapper' | 'DeepSeekChatWrapper', new () => ChatWrapper>
let engine: LlamaPackage & Wrappers

beforeAll(async () => {
  const found = await findEngine({ home: '/nonexistent' })
  if (!found) throw new TypeError('npm run setup')
  engine = (await import(found.entry)) as typeof engine
}, 60_000)

const codes = (text: string): number[] => [...text].map((one) => one.codePointAt(0) ?? 0)
const textOf = (tokens: readonly number[]): string => String.fromCodePoint(...tokens)

function asked(family: keyof Wrappers, request: Partial<ProviderChatRequest>): Prompt & { text: string } {
  const model = { tokenizer: Object.assign(codes, { detokenize: textOf }), tokenize: codes, detokenize: textOf }
  const loaded = { engine, model, wrapper: new engine[family]() } as unknown as ChatModel
  const prompt = promptOf(loaded, orderOf({ messages: [{ role: 'user', content: 'Hi.' }], ...request }))
  return { ...prompt, text: textOf(prompt.tokens) }
}

const tools = [{ name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } }]

describe('a family of models', () => {
  it('that thinks is spared its thoughts by an empty one, where none are wanted or a form is', () => {
    const [free, direct, form] = [
      asked('QwenChatWrapper', {}),
      asked('QwenChatWrapper', { reasoning: false }),
      asked('QwenChatWrapper', { format: { type: 'json' } }),
    ]
    expect(direct.text).toBe(`${free.text}<think>\n\n</think>\n\n`)
    expect(form.text).toBe(direct.text)
    expect([free, direct].map(({ marks }) => marks.thinking)).toEqual([false, false])
  })

  it('that speaks in channels answers in the last of them, and thinks as much as it is told', () => {
    const [free, direct, little] = [
      asked('HarmonyChatWrapper', {}),
      asked('HarmonyChatWrapper', { reasoning: false }),
      asked('HarmonyChatWrapper', { reasoning: 'high' }),
    ]
    expect(direct.text.endsWith('<|start|>assistant<|channel|>final<|message|>')).toBe(true)
    expect([free, direct, little].map(({ text }) => /Reasoning: (\w+)/.exec(text)?.[1])).toEqual(['medium', 'low', 'high'])
  })

  it('thinks before an answer that has a form only where that is asked for', () => {
    const [qwen, harmony] = (['QwenChatWrapper', 'HarmonyChatWrapper'] as const).map((family) =>
      asked(family, { format: { type: 'json' }, reasoning: true }),
    )
    expect([qwen, harmony].map((one) => one?.marks.thinking)).toEqual([true, true])
    expect([qwen?.text.endsWith('<think>\n'), String(qwen?.afterThoughts)]).toEqual([true, '\n</think>\n\n'])
    expect(harmony?.text.endsWith('<|start|>assistant<|channel|>analysis<|message|>')).toBe(true)
    expect(String(harmony?.afterThoughts)).toBe('<|end|><|start|>assistant<|channel|>final<|message|>')
  })

  it.each([
    ['QwenChatWrapper', '<tool_call>\n{"name": "', '", "arguments": ', '}\n</tool_call>'],
    ['MistralChatWrapper', '[TOOL_CALLS][{"name": "', '", "arguments": ', '}'],
    ['HarmonyChatWrapper', '<|channel|>commentary to=functions.', '<|constrain|>json<|message|>', '<|call|>'],
  ] as const)('calls tools in its own words: %s', (family, start, before, after) => {
    const { syntax, marks, text } = asked(family, { tools })
    expect([syntax?.start, syntax?.beforeArguments('look'), syntax?.afterArguments('look')].map(String)).toEqual([start, before, after])
    expect(marks.list).toContainEqual({ text: start, begins: 'call' })
    expect(text).toContain('look')
    expect(asked(family, {}).syntax).toBeUndefined()
  })

  it('reads its earlier calls, their results and its thoughts in its own words', () => {
    const { text } = asked('QwenChatWrapper', {
      tools,
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: 'Yes.', reasoning: 'I look.', toolCalls: [{ id: 'a', name: 'look', arguments: '{"at":"it"}' }] },
        { role: 'tool', toolCallId: 'a', content: '{"seen":1}' },
      ],
    })
    expect(text).toContain('<think>\nI look.\n</think>')
    expect(text).toContain('<tool_call>\n{"name": "look", "arguments": {"at": "it"}}\n</tool_call>')
    expect(text).toMatch(/<tool_response>\s*\{"seen": 1\}\s*<\/tool_response><\|im_end\|>\n<\|im_start\|>assistant\n$/)
  })

  it('without a place for thoughts is not told earlier ones', () => {
    const messages = [
      { role: 'user' as const, content: 'Hi.' },
      { role: 'assistant' as const, content: 'Yes.', reasoning: 'secret' },
      { role: 'user' as const, content: 'So?' },
    ]
    expect(asked('MistralChatWrapper', { messages }).text).not.toContain('secret')
  })
})
