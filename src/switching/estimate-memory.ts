/** How much memory a model will take: weights, context cache, overhead. Unknown is an answer. */
import type { LoadOptions } from '../contract/index.ts'
import type { ModelDetails } from '../providers/provider.ts'

/** What a context has where neither the options nor the model say: engines choose between 4k and 8k by themselves. */
const assumedContext = 8192
/** Compute buffers and the runtime itself grow with the model, and are never nothing. */
const overheadShare = 0.05
const overheadBytes = 64e6
/** Bytes of one cached value: 16 bit. */
const cacheValueBytes = 2

export function estimateMemory(model: ModelDetails, load: LoadOptions): number | undefined {
  if (model.sizeBytes === undefined || model.remote) return undefined
  const context = Math.min(load.contextLength ?? assumedContext, model.contextLength ?? Number.POSITIVE_INFINITY)
  const weights = model.sizeBytes * (1 + overheadShare) + Math.min(overheadBytes, model.sizeBytes)
  const { architecture } = model
  if (!architecture) return Math.round(weights * 1.15)
  const perToken = architecture.layers * architecture.headsKv * (architecture.keyLength + architecture.valueLength) * cacheValueBytes
  return Math.round(weights + context * perToken)
}
