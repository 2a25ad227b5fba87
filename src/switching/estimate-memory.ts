/** How much memory a model will take: weights, context cache, overhead. Unknown is an answer. */
import type { LoadOptions } from '../contract/index.ts'
import type { ModelDetails } from '../providers/provider.ts'
import { assumedContext, cachePerToken, overheadOf } from '../util/model-memory.ts'

export function estimateMemory(model: ModelDetails, load: LoadOptions): number | undefined {
  if (model.sizeBytes === undefined || model.remote) return undefined
  const context = Math.min(load.contextLength ?? assumedContext, model.contextLength ?? Number.POSITIVE_INFINITY)
  const weights = model.sizeBytes + overheadOf(model.sizeBytes)
  const { architecture } = model
  if (!architecture) return Math.round(weights * 1.15)
  return Math.round(weights + context * cachePerToken(architecture))
}
