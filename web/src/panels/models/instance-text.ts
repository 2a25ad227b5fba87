/** A model in memory in one line: how much of it, its context, until when, by whom. What its engine does not say is not said. */
import type { Instance } from '../../sdk.ts'
import { durationText, sizeText, tokensText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'

export function instanceText({ memoryBytes, gpuBytes, contextLength, expiresAt, loadedBy }: Instance, now: number): string {
  const words = text.models.loaded
  const parts = [
    memoryBytes === undefined ? undefined : words.memory(sizeText(memoryBytes)),
    gpuBytes === undefined ? undefined : gpuText(gpuBytes, memoryBytes),
    contextLength === undefined ? undefined : words.context(tokensText(contextLength)),
    expiresAt === undefined ? undefined : unloadsText(Date.parse(expiresAt) - now),
    words.by[loadedBy],
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

function gpuText(gpuBytes: number, memoryBytes: number | undefined): string {
  const words = text.models.loaded
  if (gpuBytes === 0) return words.noGpu
  return gpuBytes === memoryBytes ? words.allGpu : words.gpu(sizeText(gpuBytes))
}

const minute = 60_000
/** Engines that keep a model for ever say a time centuries away. */
const forEver = 365 * 24 * 60 * minute

/** To the minute where there are minutes: the clock here moves every ten seconds. */
function unloadsText(ms: number): string | undefined {
  const words = text.models.loaded
  if (ms > forEver) return undefined
  if (ms < 10_000) return words.unloadsSoon
  return words.unloads(durationText(ms > 2 * minute ? Math.round(ms / minute) * minute : Math.ceil(ms / 10_000) * 10_000))
}
