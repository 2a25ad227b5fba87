/** Loading inside the child, and the reason when it fails: the package says only that it did, llama.cpp's log says why. */
import { createLanes, type Lanes } from './child-lanes.ts'
import type { ChatWrapper, Llama, LlamaModel, LlamaPackage, Sequence } from './llama-types.ts'
import type { Failure, LoadMessage } from './messages.ts'

export interface LoadedModel {
  readonly model: LlamaModel
  readonly wrapper: ChatWrapper
  readonly contextLength: number
  /** What it took of the GPUs' memory; undefined without one. */
  readonly gpuBytes: number | undefined
  readonly lanes: Lanes<Sequence>
}

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
  const { contextLength, sequences, threads } = wanted
  const context = await model.createContext({
    contextSize: contextLength,
    sequences,
    threads,
    failedCreationRemedy: false,
    ignoreMemorySafetyChecks: true,
  })
  const free = Array.from({ length: context.totalSequences }, () => context.getSequence())
  const usedNow = await gpuUsed(llama)
  return {
    model,
    wrapper: wrapperFor(engine, model),
    contextLength: context.contextSize,
    gpuBytes: usedNow === undefined ? undefined : Math.max(0, usedNow - (usedBefore ?? 0)),
    lanes: createLanes(free),
  }
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
