/** Loading inside the child, and the reason when it fails: the package says only that it did, llama.cpp's log says why. */
import { createLanes, type Lanes } from './child-lanes.ts'
import type { ChatWrapper, EmbeddingContext, Llama, LlamaModel, LlamaPackage, Sequence } from './llama-types.ts'
import type { Failure, LoadMessage } from './messages.ts'

interface InMemory {
  readonly model: LlamaModel
  readonly contextLength: number
  /** What it took of the GPUs' memory; undefined without one. */
  readonly gpuBytes: number | undefined
}

export interface ChatModel extends InMemory {
  readonly purpose: 'chat'
  readonly llama: Llama
  readonly engine: LlamaPackage
  readonly wrapper: ChatWrapper
  readonly lanes: Lanes<Sequence>
}

export interface EmbeddingModel extends InMemory {
  readonly purpose: 'embedding'
  readonly context: EmbeddingContext
}

export type LoadedModel = ChatModel | EmbeddingModel

export async function loadInto(
  { llama, engine }: { llama: Llama; engine: LlamaPackage },
  wanted: LoadMessage,
  onProgress: (share: number) => void,
): Promise<LoadedModel> {
  const usedBefore = await gpuUsed(llama)
  const model = await llama.loadModel({
    modelPath: wanted.path,
    onLoadProgress: onProgress,
    ignoreMemorySafetyChecks: true,
    ...(wanted.gpuLayers !== undefined && { gpuLayers: wanted.gpuLayers }),
  })
  const made = wanted.purpose === 'chat' ? await chatModel({ llama, engine, model }, wanted) : await embeddingModel(model, wanted)
  const usedNow = await gpuUsed(llama)
  return { ...made, gpuBytes: usedNow === undefined ? undefined : Math.max(0, usedNow - (usedBefore ?? 0)) }
}

async function chatModel(
  { llama, engine, model }: Pick<ChatModel, 'llama' | 'engine' | 'model'>,
  { contextLength, sequences, threads }: LoadMessage,
): Promise<Omit<ChatModel, 'gpuBytes'>> {
  const context = await model.createContext({
    contextSize: contextLength,
    sequences,
    threads,
    failedCreationRemedy: false,
    ignoreMemorySafetyChecks: true,
  })
  const free = Array.from({ length: context.totalSequences }, () => context.getSequence())
  const wrapper = wrapperFor(engine, model)
  return { purpose: 'chat', llama, engine, model, wrapper, contextLength: context.contextSize, lanes: createLanes(free) }
}

/** Many of these models look both ways: a text has to be in one batch. */
async function embeddingModel(model: LlamaModel, { contextLength, threads }: LoadMessage): Promise<Omit<EmbeddingModel, 'gpuBytes'>> {
  const context = await model.createEmbeddingContext({
    contextSize: contextLength,
    batchSize: contextLength,
    threads,
    ignoreMemorySafetyChecks: true,
  })
  return { purpose: 'embedding', model, context, contextLength }
}

async function gpuUsed(llama: Llama): Promise<number | undefined> {
  if (llama.gpu === false) return undefined
  return llama.getVramState().then(
    ({ used }) => used,
    () => undefined,
  )
}

/** What tells that a model thinks before it answers, or speaks in channels. */
const needsKnowledge = /think|<\|channel|reasoning/i

/**
 * The package knows the ways of many families, and finds out which it has by rendering the template in all of them:
 * 0.3 s, ten times what a tiny model takes to load. A template that only frames messages is used as it stands.
 */
function wrapperFor(engine: LlamaPackage, model: LlamaModel): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer?.chat_template
  if (typeof template !== 'string' || needsKnowledge.test(template)) return engine.resolveChatWrapper(model)
  try {
    return new engine.JinjaTemplateChatWrapper({ template })
  } catch {
    return engine.resolveChatWrapper(model)
  }
}

const maxLines = 200
const reasonShape = /error loading model: (.+)$/
/** The log comes from another thread, and may come after the failure it explains. */
const logLagMs = 300

/** The last lines of llama.cpp's log, and what of them tells why. */
export function tellingLines() {
  let kept: string[] = []
  return {
    take(_: string, message: string): void {
      kept.push(
        ...message
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      )
      kept = kept.slice(-maxLines)
    },
    forget(): void {
      kept = []
    },
    /** Waits a moment for the line that tells why. */
    async complete(): Promise<void> {
      for (const until = Date.now() + logLagMs; Date.now() < until && !kept.some((line) => reasonShape.test(line)); ) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    explain(error: unknown): Failure {
      const said = error instanceof Error ? error.message : String(error)
      const told = kept.map((line) => reasonShape.exec(line)?.[1]).find((reason) => reason !== undefined)
      const reason = told ?? kept.find((line) => /error|failed|invalid|unable/i.test(line)) ?? said
      const noRoom = /out of memory|failed to allocate|cannot allocate|insufficient memory|unable to allocate|vram/i.test(
        `${reason} ${said} ${kept.join(' ')}`,
      )
      return { code: noRoom ? 'out_of_memory' : 'load_failed', message: reason }
    },
  }
}
