/** What the main process and a child of the embedded engine say to each other. Both are ours; both are checked. */
import type { ChatMessage, ErrorCode, FinishReason, Usage } from '../../contract/index.ts'

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

export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Record<string, unknown> | undefined
}

export interface LoadedMessage {
  readonly type: 'loaded'
  readonly contextLength: number
  readonly memoryBytes: number
  readonly gpuBytes?: number | undefined
}

export type FromChild =
  | { readonly type: 'ready'; readonly gpu: boolean }
  | { readonly type: 'progress'; readonly share: number }
  | LoadedMessage
  | ({ readonly type: 'failed' } & Failure)
  | { readonly type: 'piece'; readonly id: number; readonly text: string; readonly thought: boolean }
  | { readonly type: 'end'; readonly id: number; readonly finishReason: FinishReason; readonly usage: Usage }
  | ({ readonly type: 'error'; readonly id: number } & Failure)
