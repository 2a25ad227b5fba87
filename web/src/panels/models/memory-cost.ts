/** What a context costs in memory, as a switch reckons it too. Pure. */
import type { Hardware, Model } from '../../sdk.ts'

export type MemoryParts = NonNullable<NonNullable<Model['details']>['memory']>

export interface Cost {
  readonly context: number
  readonly weightsBytes: number
  readonly overheadBytes: number
  /** Undefined: the shape of the cache is not known. */
  readonly contextBytes?: number | undefined
  readonly neededBytes?: number | undefined
}

export function costOf(
  { weightsBytes, overheadBytes, contextBytesPerToken, assumedContext }: MemoryParts,
  wanted: number | undefined,
): Cost {
  const context = wanted ?? assumedContext
  if (contextBytesPerToken === undefined) return { context, weightsBytes, overheadBytes }
  const contextBytes = context * contextBytesPerToken
  return { context, weightsBytes, overheadBytes, contextBytes, neededBytes: weightsBytes + overheadBytes + contextBytes }
}

export type Verdict = { readonly fits: 'now' | 'after-others' | 'never'; readonly room: number }

/**
 * Memory and GPUs together, since engines split a model over both; a GPU that does not tell is left out. What the
 * model takes itself now is free for it.
 */
export function verdictOf(neededBytes: number, { memory, gpus }: Hardware, ownBytes: number): Verdict {
  const total = gpus.reduce((all, one) => all + (one.total ?? 0), memory.total)
  const free = Math.min(total, gpus.reduce((all, one) => all + (one.free ?? 0), memory.free) + ownBytes)
  if (neededBytes <= free) return { fits: 'now', room: free }
  return neededBytes <= total ? { fits: 'after-others', room: free } : { fits: 'never', room: total }
}

/** Contexts worth offering: doublings from 2048 up to what the model was trained for, and that itself. */
export function contextChoices(trained: number | undefined): number[] {
  const most = trained ?? 131_072
  const choices: number[] = []
  for (let context = 2048; context < most; context *= 2) choices.push(context)
  return trained === undefined ? [...choices, most] : [...choices, trained]
}
