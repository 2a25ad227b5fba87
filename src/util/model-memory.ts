/** What a model takes in memory: weights, context cache, overhead. Bytes. */

/** How much one token of the context takes. */
export interface CacheShape {
  readonly layers: number
  readonly headsKv: number
  readonly keyLength: number
  readonly valueLength: number
}

/** What a context has where nothing says: engines choose between 4k and 8k by themselves. */
export const assumedContext = 8192
/** Bytes of one cached value: 16 bit. */
const cacheValueBytes = 2
/** Compute buffers and the runtime itself grow with the model, and are never nothing. */
const overheadShare = 0.05
const leastOverhead = 64e6

export const overheadOf = (weightsBytes: number): number => weightsBytes * overheadShare + Math.min(leastOverhead, weightsBytes)

export const cachePerToken = ({ layers, headsKv, keyLength, valueLength }: CacheShape): number =>
  layers * headsKv * (keyLength + valueLength) * cacheValueBytes
