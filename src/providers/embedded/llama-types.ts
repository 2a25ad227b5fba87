/** The part of node-llama-cpp 3.22 that the child uses. Its package is optional, so its types cannot be imported. */
import type { Brand } from './brand.ts'

export type Token = Brand<number, 'token'>

export interface LlamaText {
  readonly values: readonly unknown[]
  tokenize(tokenizer: unknown, options?: 'trimLeadingSpace'): Token[]
  toString(): string
}

export interface Sequence {
  readonly nextTokenIndex: number
  adaptStateToTokens(tokens: Token[], allowShift: boolean): Promise<void>
  clearHistory(): Promise<void>
  eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>
  evaluateWithoutGeneratingNewTokens(tokens: Token[]): AsyncGenerator<void>
  evaluate(tokens: Token[], options: { temperature?: number; topP?: number; seed?: number; yieldEogToken?: boolean }): AsyncGenerator<Token>
}

export interface LlamaContext {
  readonly contextSize: number
  readonly totalSequences: number
  getSequence(): Sequence
}

export interface LlamaModel {
  readonly fileInfo: { readonly metadata: { readonly tokenizer?: { readonly chat_template?: unknown } } }
  readonly tokenizer: unknown
  readonly gpuLayers: number
  createContext(options: {
    contextSize: number
    sequences: number
    threads: number
    failedCreationRemedy: false
    ignoreMemorySafetyChecks: true
  }): Promise<LlamaContext>
  tokenize(text: string, specialTokens: boolean): Token[]
  detokenize(tokens: readonly Token[], special: boolean, before: readonly Token[]): string
  isEogToken(token: Token): boolean
}

export interface ChatWrapper {
  readonly settings: {
    readonly segments?: {
      readonly closeAllSegments?: string | LlamaText
      readonly thought?: Segment & { readonly openOnResponseStart?: boolean }
      readonly comment?: Segment
    }
  }
  generateContextState(options: { chatHistory: readonly HistoryItem[] }): ContextState
}

export interface Segment {
  readonly prefix?: string | LlamaText | { readonly type: 'openedOnStart' }
  readonly suffix?: string | LlamaText
}

export interface ContextState {
  readonly contextText: LlamaText
  readonly stopGenerationTriggers: readonly LlamaText[]
  /** What an answer may begin with, and what it then is. */
  readonly prefixTriggers?: readonly { readonly type: string; readonly triggers: readonly LlamaText[]; readonly inject?: LlamaText }[]
  /** An answer of several parts is rendered anew between them. */
  readonly rerender?: unknown
}

export type HistoryItem = { type: 'system' | 'user'; text: string } | { type: 'model'; response: string[] }

export interface Llama {
  readonly gpu: string | false
  /** Bytes of all GPUs, of all processes. */
  getVramState(): Promise<{ readonly total: number; readonly used: number; readonly free: number }>
  loadModel(options: {
    modelPath: string
    gpuLayers?: number
    onLoadProgress: (share: number) => void
    ignoreMemorySafetyChecks: true
  }): Promise<LlamaModel>
}

export interface LlamaPackage {
  getLlama(options: {
    build: 'never'
    skipDownload: true
    gpu: 'auto' | false | string
    maxThreads: number
    logLevel: string
    logger: (level: string, message: string) => void
  }): Promise<Llama>
  resolveChatWrapper(model: LlamaModel): ChatWrapper
  readonly JinjaTemplateChatWrapper: new (options: { template: string }) => ChatWrapper
}
