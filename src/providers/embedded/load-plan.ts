/** With how much context, how many threads and how many answers at once a model is loaded. */
import { availableParallelism } from 'node:os'
import type { LoadOptions } from '../../contract/index.ts'
import type { ModelDetails } from '../provider.ts'
import type { Purpose } from './messages.ts'

export interface LoadPlan {
  readonly contextLength: number
  readonly threads: number
  readonly sequences: number
}

/** Enough for most chats; more is taken only when it is asked for. */
const usualContext = 8192
/** Where a whole text is computed at once, what that takes grows with the square of its length. */
const usualText = 2048
const smallestContext = 512
const cachedValueBytes = 2
/** Of the free memory that the weights leave, so much may be context. */
const contextShare = 0.5
const mostSequences = 4
/** Small models are slowed by every thread more than one: a thousand times, on a busy machine. */
const smallModelBytes = 32 * 2 ** 20

export function planLoad({
  details,
  options,
  purpose = 'chat',
  freeBytes,
  threads,
}: {
  details: ModelDetails
  options: LoadOptions
  purpose?: Purpose
  freeBytes: number
  threads?: number | undefined
}): LoadPlan {
  const perToken = bytesPerToken(details)
  const room = Math.max(0, freeBytes - (details.sizeBytes ?? 0)) * contextShare
  const contextLength = options.contextLength ?? usual(details, { perToken, room, most: purpose === 'chat' ? usualContext : usualText })
  const sequences = perToken === undefined ? 1 : Math.floor(room / (perToken * contextLength))
  return {
    contextLength,
    threads: threads ?? ((details.sizeBytes ?? 0) < smallModelBytes ? 1 : Math.max(1, availableParallelism() - 1)),
    sequences: Math.max(1, Math.min(mostSequences, sequences)),
  }
}

function usual(
  { contextLength }: ModelDetails,
  { perToken, room, most }: { perToken: number | undefined; room: number; most: number },
): number {
  const wanted = Math.min(contextLength ?? most, most)
  const fits = perToken === undefined ? wanted : Math.floor(room / perToken / 256) * 256
  return Math.max(Math.min(wanted, smallestContext), Math.min(wanted, fits))
}

function bytesPerToken({ architecture }: ModelDetails): number | undefined {
  return architecture && architecture.layers * architecture.headsKv * (architecture.keyLength + architecture.valueLength) * cachedValueBytes
}
