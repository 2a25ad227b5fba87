/**
 * What the main process and a child of the embedded engine say to each other. The child reads files of anybody with a
 * library in C++, so what comes from it is checked; the child believes its parent and needs only the types.
 */
import { z } from 'zod'
import { type ErrorCode, isErrorCode } from '../../contract/index.ts'
import type { HistoryItem } from './llama-types.ts'

export interface StartMessage {
  readonly type: 'start'
  /** URL of the package's entry. */
  readonly entry: string
  readonly gpu: 'auto' | false | 'cuda' | 'vulkan' | 'metal'
}

export interface LoadMessage {
  readonly type: 'load'
  readonly path: string
  readonly purpose: Purpose
  readonly contextLength: number
  readonly gpuLayers?: number | undefined
  readonly threads: number
  /** Answers at once; each has a context of its own. */
  readonly sequences: number
}

/** A model in memory either answers chats or makes vectors: the two need contexts of different kinds. */
export type Purpose = 'chat' | 'embedding'

export interface OfferedTool {
  readonly name: string
  readonly description?: string | undefined
  readonly parameters: Readonly<Record<string, unknown>>
  /** Of its arguments. */
  readonly grammar: string
}

export interface CallOptions {
  /** What the model is told of. */
  readonly tools: readonly OfferedTool[]
  /** What it may call of them. */
  readonly names: readonly string[]
  /** The answer is a call. */
  readonly forced: boolean
  readonly several: boolean
}

export interface ChatOptions {
  readonly maxTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly minP?: number | undefined
  readonly frequencyPenalty?: number | undefined
  readonly presencePenalty?: number | undefined
  readonly repeatPenalty?: number | undefined
  readonly seed?: number | undefined
  readonly stop?: readonly string[] | undefined
  readonly reasoning?: boolean | 'low' | 'medium' | 'high' | undefined
  readonly calls?: CallOptions | undefined
  /** Of the answer's text. */
  readonly grammar?: string | undefined
}

/** What one caller wants of a loaded model. */
export type Request =
  | {
      readonly type: 'chat'
      readonly id: number
      readonly history: readonly HistoryItem[]
      readonly options: ChatOptions
      readonly credits: number
    }
  /** How many tokens is its prompt? */
  | { readonly type: 'count'; readonly id: number; readonly history: readonly HistoryItem[]; readonly options: ChatOptions }
  | { readonly type: 'embed'; readonly id: number; readonly input: readonly string[] }

export type ToChild =
  | StartMessage
  | LoadMessage
  | Request
  /** So many more pieces may be sent. */
  | { readonly type: 'credits'; readonly id: number; readonly credits: number }
  | { readonly type: 'abort'; readonly id: number }

const mostText = 65_536
const mostDimensions = 65_536
const mostCalls = 1024
const id = z.number().int().min(0)
const tokens = z.number().int().min(0)
const index = z
  .number()
  .int()
  .min(0)
  .max(mostCalls - 1)
const bytes = z.number().min(0)
const failure = {
  code: z.custom<ErrorCode>((value) => typeof value === 'string' && isErrorCode(value)),
  message: z.string().max(mostText),
  details: z.record(z.string().max(100), z.union([z.number(), z.string().max(1000)])).optional(),
}

export const fromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('progress'), share: z.number().min(0).max(1) }),
  z.object({ type: z.literal('loaded'), contextLength: tokens, memoryBytes: bytes, gpuBytes: bytes.optional() }),
  z.object({ type: z.literal('failed'), ...failure }),
  /** A little of an answer. */
  z.object({ type: z.literal('piece'), id, text: z.string().max(mostText), thought: z.boolean() }),
  z.object({ type: z.literal('call'), id, index, callId: z.string().min(1).max(256), name: z.string().min(1).max(256) }),
  z.object({ type: z.literal('arguments'), id, index, text: z.string().max(mostText) }),
  z.object({
    type: z.literal('end'),
    id,
    finishReason: z.enum(['stop', 'length', 'tool_calls']),
    usage: z.object({ promptTokens: tokens, completionTokens: tokens, cachedTokens: tokens }),
  }),
  z.object({ type: z.literal('counted'), id, tokens }),
  /** Of the inputs in their order. */
  z.object({ type: z.literal('vector'), id, values: z.array(z.number()).min(1).max(mostDimensions) }),
  z.object({ type: z.literal('embedded'), id, promptTokens: tokens }),
  z.object({ type: z.literal('error'), id, ...failure }),
  /** It has heard that an answer is not wanted any more. */
  z.object({ type: z.literal('aborted'), id }),
])
export type FromChild = z.infer<typeof fromChild>
export type LoadedMessage = Extract<FromChild, { type: 'loaded' }>
export type Failure = Omit<Extract<FromChild, { type: 'failed' }>, 'type'>
/** What concerns one request. */
export type AnswerMessage = Extract<
  FromChild,
  { type: 'piece' | 'call' | 'arguments' | 'end' | 'counted' | 'vector' | 'embedded' | 'error' }
>
