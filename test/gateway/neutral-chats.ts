/** Generated chats in the neutral form, for round trips through a dialect. */
import fc from 'fast-check'
import { type ChatMessage, chatRequest, type Logprob, type Tool, type ToolCall } from '../../src/contract/index.ts'
import type { NeutralChat } from '../../src/gateway/dialect.ts'

const heads = {
  'image/png': '\x89PNG\r\n\x1a\n',
  'image/jpeg': '\xff\xd8\xff\xe0',
  'image/gif': 'GIF89a',
  'image/webp': 'RIFF\0\0\0\0WEBP',
} as const

const text = fc.string({ unit: 'binary', maxLength: 40 })
export const someText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const name = fc.string({ minLength: 1, maxLength: 20 })

export const image = fc
  .tuple(fc.constantFrom(...(Object.keys(heads) as (keyof typeof heads)[])), fc.uint8Array({ maxLength: 30 }))
  .map(([mediaType, rest]) => ({
    type: 'image' as const,
    mediaType,
    data: Buffer.concat([Buffer.from(heads[mediaType], 'latin1'), rest]).toString('base64'),
  }))

export const textOrParts = fc.oneof(
  text,
  fc.array(
    fc.oneof(
      text.map((one) => ({ type: 'text' as const, text: one })),
      image,
    ),
    { minLength: 1, maxLength: 4 },
  ),
)

/** Strict comparisons take a member of this name for the class of its object. */
const hasConstructor = (value: unknown): boolean => JSON.stringify(value).includes('"constructor":')
export const jsonObject = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).filter((value) => !hasConstructor(value))
/** As JSON.stringify writes it, so that reading and writing it again changes nothing. */
export const writtenObject = jsonObject.map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))))

export const toolCall: fc.Arbitrary<ToolCall> = fc.record({ id: name, name, arguments: writtenObject })

/** Which of the keys are there is chance. */
export const perhaps = <T extends object>(arbitraries: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(arbitraries, { requiredKeys: [] }) as unknown as fc.Arbitrary<Partial<T>>

export const messagesWith = (content: fc.Arbitrary<ChatMessage['content']>): fc.Arbitrary<ChatMessage[]> =>
  fc.array(
    fc.oneof(
      fc.record({ role: fc.constantFrom('system' as const, 'user' as const), content }),
      fc.record(
        {
          role: fc.constant('assistant' as const),
          content,
          reasoning: text,
          toolCalls: fc.array(toolCall, { minLength: 1, maxLength: 3 }),
        },
        { requiredKeys: ['role', 'content'] },
      ),
      fc.record(
        { role: fc.constant('tool' as const), toolCallId: name, content, name },
        { requiredKeys: ['role', 'toolCallId', 'content'] },
      ),
    ) as fc.Arbitrary<ChatMessage>,
    { minLength: 1, maxLength: 6 },
  )

export const toolsWith = (more: { strict?: fc.Arbitrary<boolean> }): fc.Arbitrary<Tool[]> =>
  fc.array(
    fc.record({ name, description: text, parameters: jsonObject, ...more }, { requiredKeys: ['name'] }) as unknown as fc.Arbitrary<Tool>,
    { minLength: 1, maxLength: 3 },
  )

const share = fc.double({ min: 0, max: 1, noNaN: true }).map((one) => one + 0)
const penalty = fc.double({ min: -2, max: 2, noNaN: true }).map((one) => one + 0)

export const sampling = perhaps({
  maxTokens: fc.integer({ min: 1, max: 16_777_216 }),
  temperature: share.map((one) => one * 5),
  topP: share,
  topK: fc.nat({ max: 1_000_000 }),
  minP: share,
  frequencyPenalty: penalty,
  presencePenalty: penalty,
  repeatPenalty: share.map((one) => one * 10),
  seed: fc.integer({ min: 0, max: 4_294_967_295 }),
  stop: fc.array(someText, { minLength: 1, maxLength: 4 }),
  logprobs: fc.integer({ min: 0, max: 20 }),
})

const tokenLogprob = fc.record(
  {
    token: text,
    logprob: fc.double({ max: 0, noNaN: true, noDefaultInfinity: true }).map((one) => one + 0),
    bytes: fc.array(fc.nat({ max: 255 }), { maxLength: 4 }),
  },
  { requiredKeys: ['token', 'logprob'] },
) as fc.Arbitrary<Omit<Logprob, 'top'>>

export const logprobs: fc.Arbitrary<Logprob[]> = fc.array(
  fc.tuple(tokenLogprob, fc.array(tokenLogprob, { maxLength: 3 })).map(([token, top]) => ({ ...token, top })),
  { minLength: 1, maxLength: 3 },
)

/** As it comes over a wire. */
export const overTheWire = (body: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(body)) as Record<string, unknown>

/** Throws when it is not in the neutral form, or has something that is undefined instead of absent. */
export function inNeutralForm(chat: NeutralChat): NeutralChat {
  chatRequest.parse(chat)
  return chat
}
