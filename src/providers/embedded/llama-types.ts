/** The part of node-llama-cpp 3.22 that the child uses. Its package is optional, so its types cannot be imported. */
import type { Brand } from './brand.ts'

export type Token = Brand<number, 'token'>

export interface LlamaText {
  readonly values: readonly unknown[]
  mapValues(mapper: (value: unknown) => unknown): LlamaText
  tokenize(tokenizer: unknown, options?: 'trimLeadingSpace'): Token[]
  toString(): string
}

export interface Sequence {
  readonly nextTokenIndex: number
  adaptStateToTokens(tokens: Token[], allowShift: boolean): Promise<void>
  clearHistory(): Promise<void>
  eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>
  evaluateWithoutGeneratingNewTokens(tokens: Token[]): Promise<void>
  evaluate(tokens: Token[], options: Sampling & { yieldEogToken?: boolean; grammarEvaluationState?: unknown }): AsyncGenerator<Token>
}

export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  readonly repeatPenalty?: {
    readonly punishTokens: () => readonly Token[]
    readonly penalty?: number
    readonly frequencyPenalty?: number
    readonly presencePenalty?: number
  }
}

/** Every grammar keeps its place in a text in a state of its own. */
export type Grammar = Brand<object, 'grammar'>

export interface EmbeddingContext {
  calculateInputLength(input: string): number
  getEmbeddingFor(input: string): Promise<{ readonly vector: readonly number[] }>
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
  createEmbeddingContext(options: {
    contextSize: number
    batchSize: number
    threads: number
    ignoreMemorySafetyChecks: true
  }): Promise<EmbeddingContext>
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
    readonly functions?: {
      readonly call: {
        readonly prefix: string | LlamaText
        readonly prefixAlternateMatches?: readonly (string | LlamaText)[]
        readonly paramsPrefix: string | LlamaText
        readonly suffix: string | LlamaText
      }
      readonly parallelism?: {
        readonly call?: {
          readonly sectionPrefix?: string | LlamaText
          readonly sectionPrefixAlternateMatches?: readonly (string | LlamaText)[]
          readonly betweenCalls?: string | LlamaText
        }
      }
    }
  }
  /** Only where the family knows degrees; read whenever a prompt is rendered. */
  reasoningEffort?: 'low' | 'medium' | 'high' | null
  generateContextState(options: {
    chatHistory: readonly HistoryItem[]
    availableFunctions?: Readonly<Record<string, { readonly description?: string; readonly params: unknown }>>
    documentFunctionParams?: boolean
  }): ContextState
}

export interface Segment {
  readonly prefix?: string | LlamaText | { readonly type: 'openedOnStart'; readonly afterFunctionCalls?: boolean }
  readonly suffix?: string | LlamaText
}

export interface ContextState {
  readonly contextText: LlamaText
  readonly stopGenerationTriggers: readonly LlamaText[]
  /** What an answer may begin with, and what it then is. */
  readonly prefixTriggers?: readonly {
    readonly type: string
    readonly segmentType?: string
    readonly triggers: readonly LlamaText[]
    readonly inject?: LlamaText
  }[]
  /** What an answer is where nothing of that begins it. */
  readonly noPrefixTrigger?: { readonly type: string; readonly inject: LlamaText }
  /** An answer of several parts is rendered anew between them. */
  readonly rerender?: unknown
}

export type HistoryItem = { readonly type: 'system' | 'user'; readonly text: string } | ModelItem

export interface ModelItem {
  readonly type: 'model'
  readonly response: (string | ThoughtItem | FunctionCallItem)[]
}

export interface ThoughtItem {
  readonly type: 'segment'
  readonly segmentType: 'thought'
  readonly text: string
  readonly ended: true
}

export interface FunctionCallItem {
  readonly type: 'functionCall'
  readonly name: string
  readonly params: unknown
  result: unknown
  /** It was not asked for together with the call before it. */
  readonly startsNewChunk: boolean
}

export interface Llama {
  createGrammar(options: { grammar: string }): Promise<Grammar>
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
  readonly LlamaText: (values: readonly unknown[]) => LlamaText
  readonly LlamaGrammarEvaluationState: new (options: { model: LlamaModel; grammar: Grammar }) => unknown
  readonly JinjaTemplateChatWrapper: new (options: { template: string }) => ChatWrapper
}
