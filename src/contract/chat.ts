import { z } from 'zod'
import { modelRefOrName, slotName } from './names.ts'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const imagePart = z.strictObject({
  type: z.literal('image'),
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
  data: z.base64(),
})

export const chatMessage = z
  .strictObject({
    role: z.enum(['system', 'user', 'assistant']),
    content: z.union([
      z.string(),
      z
        .array(z.discriminatedUnion('type', [textPart, imagePart]))
        .min(1)
        .max(64),
    ]),
  })
  .meta({ id: 'ChatMessage' })
export type ChatMessage = z.infer<typeof chatMessage>

/** Our own neutral chat: what every provider can be asked. */
export const chatRequest = z
  .strictObject({
    messages: z.array(chatMessage).min(1).max(4096),
    model: modelRefOrName.optional().meta({ description: 'That model answers and no slot moves' }),
    maxTokens: z.number().int().min(1).max(16_777_216).optional(),
    temperature: z.number().min(0).max(5).optional(),
    topP: z.number().min(0).max(1).optional(),
    seed: z.number().int().min(0).max(4_294_967_295).optional(),
    stop: z.array(z.string().min(1).max(1024)).max(16).optional(),
    reasoning: z.boolean().optional().meta({ description: 'false asks a reasoning model to answer at once' }),
  })
  .meta({ id: 'ChatRequest' })
export type ChatRequest = z.infer<typeof chatRequest>

export const usage = z
  .object({ promptTokens: z.number().int().optional(), completionTokens: z.number().int().optional() })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof usage>

export const finishReason = z.enum(['stop', 'length', 'tool_calls', 'other'])
export type FinishReason = z.infer<typeof finishReason>

export const chatEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('start'), model: z.string(), slot: slotName.optional(), epoch: z.number().int().optional() }),
    z.object({ type: z.literal('delta'), text: z.string() }),
    z.object({ type: z.literal('reasoning'), text: z.string() }),
    z.object({ type: z.literal('end'), finishReason, usage: usage.optional() }),
    z.object({
      type: z.literal('error'),
      error: z.object({ code: z.string(), message: z.string(), hint: z.string(), retryable: z.boolean() }),
    }),
  ])
  .meta({ id: 'ChatEvent', description: 'Exactly one `start`, then parts, then exactly one of `end` and `error`' })
export type ChatEvent = z.infer<typeof chatEvent>
