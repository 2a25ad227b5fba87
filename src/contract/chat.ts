/** Our neutral chat: what every provider can be asked, and what every dialect of the gateway is translated into. */
import { z } from 'zod'
import { modelRefOrName, slotName } from './names.ts'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
export const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const
const imagePart = z.strictObject({ type: z.literal('image'), mediaType: z.enum(imageTypes), data: z.base64() })
const content = z.union([
  z.string(),
  z
    .array(z.discriminatedUnion('type', [textPart, imagePart]))
    .min(1)
    .max(1024),
])

/** A call of a tool that a model asked for. */
export const toolCall = z
  .strictObject({
    id: z.string().min(1).max(256),
    name: z.string().min(1).max(256),
    arguments: z.string().meta({ description: 'JSON of an object, as the model wrote it' }),
  })
  .meta({ id: 'ToolCall' })
export type ToolCall = z.infer<typeof toolCall>

export const chatMessage = z
  .discriminatedUnion('role', [
    z.strictObject({ role: z.enum(['system', 'user']), content }),
    z.strictObject({
      role: z.literal('assistant'),
      content,
      reasoning: z.string().optional().meta({ description: 'What it thought before it answered' }),
      toolCalls: z.array(toolCall).min(1).max(1024).optional(),
    }),
    z.strictObject({
      role: z.literal('tool'),
      toolCallId: z.string().min(1).max(256),
      name: z.string().max(256).optional().meta({ description: 'Of the tool, where the caller knows it' }),
      content,
      failed: z.boolean().optional().meta({ description: 'The tool ended in an error, which the content tells' }),
    }),
  ])
  .meta({ id: 'ChatMessage' })
export type ChatMessage = z.infer<typeof chatMessage>
export type ChatContent = ChatMessage['content']

const jsonSchema = z.record(z.string(), z.unknown())

export const tool = z
  .strictObject({
    name: z.string().min(1).max(256),
    description: z.string().optional(),
    parameters: jsonSchema.optional().meta({ description: 'JSON Schema of an object; absent: it takes nothing' }),
    strict: z.boolean().optional(),
  })
  .meta({ id: 'Tool' })
export type Tool = z.infer<typeof tool>

export const toolChoice = z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: z.string().min(1).max(256) })])
export type ToolChoice = z.infer<typeof toolChoice>

/** The form that the answer's text has to have. */
export const answerFormat = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('json') }),
    z.strictObject({ type: z.literal('schema'), schema: jsonSchema, name: z.string().max(256).optional(), strict: z.boolean().optional() }),
  ])
  .meta({ id: 'AnswerFormat' })
export type AnswerFormat = z.infer<typeof answerFormat>

export const chatRequest = z
  .strictObject({
    messages: z.array(chatMessage).min(1).max(4096),
    model: modelRefOrName.optional().meta({ description: 'That model answers and no slot moves' }),
    tools: z.array(tool).min(1).max(1024).optional(),
    toolChoice: toolChoice.optional(),
    parallelToolCalls: z.boolean().optional().meta({ description: 'false: one call at most' }),
    format: answerFormat.optional(),
    maxTokens: z.number().int().min(1).max(16_777_216).optional(),
    temperature: z.number().min(0).max(5).optional(),
    topP: z.number().min(0).max(1).optional(),
    topK: z.number().int().min(0).max(1_000_000).optional(),
    minP: z.number().min(0).max(1).optional(),
    frequencyPenalty: z.number().min(-2).max(2).optional(),
    presencePenalty: z.number().min(-2).max(2).optional(),
    repeatPenalty: z.number().min(0).max(10).optional(),
    seed: z.number().int().min(0).max(4_294_967_295).optional(),
    stop: z.array(z.string().min(1).max(1024)).max(16).optional(),
    reasoning: z
      .union([z.boolean(), z.enum(['low', 'medium', 'high'])])
      .optional()
      .meta({ description: 'false asks a reasoning model to answer at once; a word says how much it may think' }),
    logprobs: z.number().int().min(0).max(20).optional().meta({
      description: 'Asks how probable each token was, and beside it this many of the most probable ones in its place',
    }),
  })
  .meta({ id: 'ChatRequest' })
export type ChatRequest = z.infer<typeof chatRequest>

export const usage = z
  .object({
    promptTokens: z.number().int().optional(),
    completionTokens: z.number().int().optional(),
    cachedTokens: z.number().int().optional().meta({ description: 'Of the prompt, that need not be computed again' }),
  })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof usage>

export const finishReason = z.enum(['stop', 'length', 'tool_calls', 'other'])
export type FinishReason = z.infer<typeof finishReason>

const tokenLogprob = z.object({
  token: z.string(),
  logprob: z.number().meta({ description: 'Natural logarithm of its probability' }),
  bytes: z
    .array(z.number().int().min(0).max(255))
    .optional()
    .meta({ description: 'Its bytes, which tell more than the text of a token that is a part of a character' }),
})

/** How probable a token of the answer was, and the most probable ones in its place, as many as were asked for. */
export const logprob = tokenLogprob.extend({ top: z.array(tokenLogprob) }).meta({ id: 'Logprob' })
export type Logprob = z.infer<typeof logprob>

const said = { text: z.string(), logprobs: z.array(logprob).optional() }

/** The parts of an answer between its start and its end. */
export const answerPart = z.discriminatedUnion('type', [
  /** Its text may be empty where probabilities were asked for: of tokens that are no text, such as those of a call. */
  z.object({ type: z.literal('delta'), ...said }),
  z.object({ type: z.literal('reasoning'), ...said }),
  /** `index` counts the calls of this answer from 0. Its arguments follow, in one piece or several. */
  z.object({ type: z.literal('tool_call'), index: z.number().int().min(0), id: z.string(), name: z.string() }),
  z.object({ type: z.literal('tool_arguments'), index: z.number().int().min(0), text: z.string() }),
])
export type AnswerPart = z.infer<typeof answerPart>

export const chatEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('start'), model: z.string(), slot: slotName.optional(), epoch: z.number().int().optional() }),
    ...answerPart.options,
    z.object({ type: z.literal('end'), finishReason, usage: usage.optional() }),
    z.object({
      type: z.literal('error'),
      error: z.object({ code: z.string(), message: z.string(), hint: z.string(), retryable: z.boolean() }),
    }),
  ])
  .meta({ id: 'ChatEvent', description: 'Exactly one `start`, then parts, then exactly one of `end` and `error`' })
export type ChatEvent = z.infer<typeof chatEvent>
