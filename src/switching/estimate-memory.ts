/** How much memory a model will take: weights, context cache, overhead. Unknown is an answer. */
import type { LoadOptions, Model } from '../contract/index.ts'
import type { ModelDetails } from '../providers/provider.ts'
import { assumedContext, cachePerToken, overheadOf } from '../util/model-memory.ts'

export type MemoryParts = NonNullable<NonNullable<Model['details']>['memory']>

/** Undefined for what takes none here, and where not even its size is known. */
export function memoryPartsOf({ sizeBytes, contextLength = assumedContext, architecture, remote }: ModelDetails): MemoryParts | undefined {
  if (sizeBytes === undefined || remote) return undefined
  return {
    weightsBytes: sizeBytes,
    overheadBytes: Math.round(overheadOf(sizeBytes)),
    ...(architecture && { contextBytesPerToken: cachePerToken(architecture) }),
    assumedContext: Math.min(assumedContext, contextLength),
  }
}

export function estimateMemory(model: ModelDetails, load: LoadOptions): number | undefined {
  const parts = memoryPartsOf(model)
  if (!parts) return undefined
  const { weightsBytes, overheadBytes, contextBytesPerToken, assumedContext: usual } = parts
  const fixed = weightsBytes + overheadBytes
  if (contextBytesPerToken === undefined) return Math.round(fixed * 1.15)
  const context = Math.min(load.contextLength ?? usual, model.contextLength ?? Number.POSITIVE_INFINITY)
  return Math.round(fixed + context * contextBytesPerToken)
}
