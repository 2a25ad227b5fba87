/** Generated chats that Anthropic's dialect can say, and how a client of it says them. */
import fc from 'fast-check'
import type { ChatContent, ChatMessage } from '../../../src/contract/index.ts'
import { imageTypes } from '../../../src/contract/index.ts'
import type { Fields, NeutralChat } from '../../../src/gateway/dialect.ts'

type Part = Exclude<ChatContent, string>[number]
type Assistant = Extract<ChatMessage, { role: 'assistant' }>
type Result = Extract<ChatMessage, { role: 'tool' }>

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/)
/** As JSON has it: without -0. */
const schema = fc
  .dictionary(name, fc.jsonValue({ depthSize: 'small' }))
  .map((rest): Record<string, unknown> => JSON.parse(JSON.stringify({ ...rest, type: 'object' })))
const textPart = text.map((one): Part => ({ type: 'text', text: one }))
const imagePart = fc.record({
  type: fc.constant('image' as const),
  mediaType: fc.constantFrom(...imageTypes),
  data: fc.base64String({ minLength: 4, maxLength: 24 }),
})

/** One text alone is said as a text. */
const content = fc.oneof(
  text,
  fc.tuple(imagePart, fc.array(fc.oneof(textPart, imagePart), { maxLength: 3 })).map(([first, rest]) => [first, ...rest]),
)
const texts = fc.oneof(text, fc.array(textPart, { minLength: 2, maxLength: 3 }))

const call = fc.record({ id: fc.uuid(), name, input: fc.dictionary(name, fc.jsonValue({ depthSize: 'small' })) })
const result = fc.record({ content, failed: fc.boolean() })

/** Calls with their results, each with the name that its call told. */
const calling = fc
  .array(fc.tuple(call, result), { minLength: 1, maxLength: 3 })
  .chain((pairs) =>
    fc.tuple(
      fc.constant(pairs),
      text,
      fc.option(
        text.filter((one) => one !== ''),
        { nil: undefined },
      ),
    ),
  )
  .map(([pairs, said, reasoning]): ChatMessage[] => [
    {
      role: 'assistant',
      content: said,
      ...(reasoning !== undefined && { reasoning }),
      toolCalls: pairs.map(([one]) => ({ id: one.id, name: one.name, arguments: JSON.stringify(one.input) })),
    },
    ...pairs.map(
      ([one, { content: answer, failed }]): Result => ({
        role: 'tool',
        toolCallId: one.id,
        name: one.name,
        content: answer,
        ...(failed && { failed }),
      }),
    ),
  ])

const messages = fc
  .tuple(
    fc.option(
      texts.filter((one) => one !== ''),
      { nil: undefined },
    ),
    fc.array(
      fc.oneof(
        content.map((one): ChatMessage[] => [{ role: 'user', content: one }]),
        calling,
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([system, turns]): ChatMessage[] => [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flat(),
  ])

const tools = fc.uniqueArray(
  fc.record({ name, description: text, parameters: schema, strict: fc.boolean() }, { requiredKeys: ['name', 'parameters'] }),
  { selector: (one) => one.name, minLength: 1, maxLength: 3 },
)
const asked = tools.chain((some) =>
  fc.record(
    {
      tools: fc.constant(some),
      toolChoice: fc.oneof(
        fc.constantFrom('auto' as const, 'none' as const, 'required' as const),
        fc.constantFrom(...some).map((one) => ({ name: one.name })),
      ),
    },
    { requiredKeys: ['tools'] },
  ),
)
const parallel = fc.boolean().map((parallelToolCalls) => ({ parallelToolCalls }))

export const chats: fc.Arbitrary<NeutralChat> = fc
  .tuple(
    messages,
    fc.oneof(
      fc.constant({}),
      asked.chain((some) =>
        'toolChoice' in some
          ? fc.oneof(
              fc.constant(some),
              parallel.map((one) => ({ ...some, ...one })),
            )
          : fc.constant(some),
      ),
    ),
    fc.record(
      {
        maxTokens: fc.integer({ min: 1, max: 100_000 }),
        format: schema.map((one) => ({ type: 'schema' as const, schema: one })),
        temperature: fc.double({ min: 0, max: 1, noNaN: true }),
        topP: fc.double({ min: 0, max: 1, noNaN: true }),
        topK: fc.nat(500),
        stop: fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        reasoning: fc.constantFrom(true, false, 'low' as const, 'medium' as const, 'high' as const),
      },
      { requiredKeys: ['maxTokens'] },
    ),
  )
  .map(([some, tooling, sampling]) => ({ messages: some, ...tooling, ...sampling }))

/** The body of `POST /v1/messages` that says this chat. */
export function bodyOf(chat: NeutralChat): Fields {
  const [first, ...rest] = chat.messages
  const system = first?.role === 'system' ? first : undefined
  const word = typeof chat.reasoning === 'string' ? chat.reasoning : undefined
  const config = {
    ...(word && { effort: word }),
    ...(chat.format?.type === 'schema' && { format: { type: 'json_schema', schema: chat.format.schema } }),
  }
  return defined({
    model: 'default',
    system: system && blocksOf(system.content),
    messages: turnsOf(system ? rest : chat.messages),
    max_tokens: chat.maxTokens,
    temperature: chat.temperature,
    top_p: chat.topP,
    top_k: chat.topK,
    stop_sequences: chat.stop,
    tools: chat.tools?.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })),
    tool_choice: chat.toolChoice && choiceOf(chat),
    output_config: Object.keys(config).length === 0 ? undefined : config,
    thinking: thinkingOf(chat.reasoning),
  })
}

const defined = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

function thinkingOf(reasoning: NeutralChat['reasoning']): Fields | undefined {
  if (reasoning === undefined || typeof reasoning === 'string') return undefined
  return reasoning ? { type: 'enabled', budget_tokens: 2048 } : { type: 'disabled' }
}

function choiceOf({ toolChoice, parallelToolCalls }: NeutralChat): Fields {
  const named =
    typeof toolChoice === 'object' ? { type: 'tool', name: toolChoice.name } : { type: toolChoice === 'required' ? 'any' : toolChoice }
  return { ...named, ...(parallelToolCalls !== undefined && { disable_parallel_tool_use: !parallelToolCalls }) }
}

/** Results that follow one another, and what the user says after them, are one turn. */
function turnsOf(messages: readonly ChatMessage[]): Fields[] {
  const turns: { role: string; content: unknown }[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    const results = last?.role === 'user' && Array.isArray(last.content) && last.content.every((block) => block.type === 'tool_result')
    if (message.role === 'tool' && results) last.content = [...(last.content as Fields[]), resultOf(message)]
    else if (message.role === 'tool') turns.push({ role: 'user', content: [resultOf(message)] })
    else if (message.role === 'user' && results) last.content = [...(last.content as Fields[]), ...asBlocks(message.content)]
    else if (message.role === 'assistant') turns.push({ role: 'assistant', content: assistantBlocks(message) })
    else turns.push({ role: message.role, content: blocksOf(message.content) })
  }
  return turns
}

function assistantBlocks({ reasoning, content: said, toolCalls = [] }: Assistant): Fields[] {
  return [
    ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: 'x' }]),
    ...(said === '' ? [] : asBlocks(said)),
    ...toolCalls.map((one) => ({ type: 'tool_use', id: one.id, name: one.name, input: JSON.parse(one.arguments) })),
  ]
}

const resultOf = (message: Result): Fields => ({
  type: 'tool_result',
  tool_use_id: message.toolCallId,
  content: blocksOf(message.content),
  ...(message.failed && { is_error: true }),
})

const blocksOf = (one: ChatContent): string | Fields[] => (typeof one === 'string' ? one : asBlocks(one))
const asBlocks = (one: ChatContent): Fields[] => (typeof one === 'string' ? [{ type: 'text', text: one }] : one.map(blockOf))

const blockOf = (part: Part): Fields =>
  part.type === 'text' ? { ...part } : { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } }
