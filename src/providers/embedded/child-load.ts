/** Loading inside the child, and the reason when it fails: the package says only that it did, llama.cpp's log says why. */
import type { ChatWrapper, Llama, LlamaModel, LlamaPackage, Sequence } from './llama-types.ts'
import type { Failure, LoadMessage } from './messages.ts'

export interface LoadedModel {
  readonly model: LlamaModel
  readonly wrapper: ChatWrapper
  readonly contextLength: number
  /** Waits for a free sequence, first come first served. */
  readonly lanes: { take(): Promise<Sequence>; giveBack(sequence: Sequence): void }
}

export async function loadInto(
  { llama, engine }: { llama: Llama; engine: LlamaPackage },
  wanted: LoadMessage,
  onProgress: (share: number) => void,
): Promise<LoadedModel> {
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
  return { model, wrapper: engine.resolveChatWrapper(model), contextLength: context.contextSize, lanes: createLanes(free) }
}

function createLanes(free: Sequence[]): LoadedModel['lanes'] {
  const waiting: ((sequence: Sequence) => void)[] = []
  return {
    take() {
      const sequence = free.pop()
      return sequence ? Promise.resolve(sequence) : new Promise((resolve) => waiting.push(resolve))
    },
    giveBack(sequence) {
      const next = waiting.shift()
      if (next) next(sequence)
      else free.push(sequence)
    },
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
