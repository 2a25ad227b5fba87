/**
 * What the main process and a child of the embedded engine say to each other. The child reads files of anybody with a
 * library in C++, so what comes from it is checked; the child believes its parent and needs only the types.
 */
import { z } from 'zod'
import { type ChatMessage, type ErrorCode, isErrorCode } from '../../contract/index.ts'

export interface StartMessage {
  readonly type: 'start'
  /** URL of the package's entry. */
  readonly entry: string
  readonly gpu: 'auto' | false | 'cuda' | 'vulkan' | 'metal'
}

export interface LoadMessage {
  readonly type: 'load'
  readonly path: string
  readonly contextLength: number
  readonly gpuLayers?: number | undefined
  readonly threads: number
  /** Answers at once; each has a context of its own. */
  readonly sequences: number
}

export interface ChatOptions {
  readonly maxTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly seed?: number | undefined
  readonly stop?: readonly string[] | undefined
}

export type ToChild =
  | StartMessage
  | LoadMessage
  | {
      readonly type: 'chat'
      readonly id: number
      readonly messages: readonly ChatMessage[]
      readonly options: ChatOptions
      readonly credits: number
    }
  /** So many more pieces may be sent. */
  | { readonly type: 'credits'; readonly id: number; readonly credits: number }
  | { readonly type: 'abort'; readonly id: number }

const mostText = 65_536
const id = z.number().int().min(0)
const tokens = z.number().int().min(0)
const bytes = z.number().min(0)
const failure = {
  code: z.custom<ErrorCode>((value) => typeof value === 'string' && isErrorCode(value)),
  message: z.string().max(mostText),
  details: z.record(z.string().max(100), z.number()).optional(),
}

export const fromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('progress'), share: z.number().min(0).max(1) }),
  z.object({ type: z.literal('loaded'), contextLength: tokens, memoryBytes: bytes, gpuBytes: bytes.optional() }),
  z.object({ type: z.literal('failed'), ...failure }),
  /** A little of an answer. */
  z.object({ type: z.literal('piece'), id, text: z.string().max(mostText), thought: z.boolean() }),
  z.object({
    type: z.literal('end'),
    id,
    finishReason: z.enum(['stop', 'length']),
    usage: z.object({ promptTokens: tokens, completionTokens: tokens }),
  }),
  z.object({ type: z.literal('error'), id, ...failure }),
  /** It has heard that an answer is not wanted any more. */
  z.object({ type: z.literal('aborted'), id }),
])
export type FromChild = z.infer<typeof fromChild>
export type LoadedMessage = Extract<FromChild, { type: 'loaded' }>
export type Failure = Omit<Extract<FromChild, { type: 'failed' }>, 'type'>
/** What concerns one answer. */
export type AnswerMessage = Extract<FromChild, { type: 'piece' | 'end' | 'error' }>
