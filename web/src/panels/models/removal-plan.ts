/** What a person is shown before a model is removed, from two dry runs: as things are, and with every permission. Pure. */
import type { Model, Removal, RemoveOptions } from '../../sdk.ts'

export interface RemovalPlan {
  readonly removed: Removal['removed']
  readonly kept: Removal['kept']
  readonly freedBytes: number
  /** Why somebody has to say that these files may go although others put them there. */
  readonly foreign?: string | undefined
  /** It serves a slot, or is the one that a slot remembers. */
  readonly inUse: boolean
}

export function removalPlan(asItIs: Removal, permitted: Removal): RemovalPlan {
  const { removed, kept, freedBytes } = permitted
  const isForeign = removed.length > 0 && asItIs.removed.length === 0
  const own = new Set(removed.map(({ path, name }) => path ?? name))
  return {
    removed,
    kept,
    freedBytes,
    foreign: isForeign ? (asItIs.kept.find(({ path }) => own.has(path))?.why ?? '') : undefined,
    inUse: asItIs.kept.some(({ path }) => path === asItIs.ref) && !kept.some(({ path }) => path === permitted.ref),
  }
}

/** What is chosen for the slots of the model: a ref, or that they stay empty, or nothing yet. */
export interface Choice {
  readonly replacement: string
  readonly foreign: boolean
}

/** Stands for "leave the slot empty" among refs, which all have a slash. */
export const emptySlot = 'empty'

export const isComplete = ({ foreign, inUse, removed }: RemovalPlan, choice: Choice): boolean =>
  removed.length > 0 && (foreign === undefined || choice.foreign) && (!inUse || choice.replacement !== '')

export function removeOptionsOf({ inUse, foreign }: RemovalPlan, choice: Choice): RemoveOptions {
  return {
    ...(foreign !== undefined && { foreign: choice.foreign }),
    ...(inUse && (choice.replacement === emptySlot ? { emptySlots: true } : { replaceWith: choice.replacement })),
  }
}

/** Other chat models, those in memory first: they take the place soonest. */
export function replacementsOf(models: readonly Model[], ref: string): Model[] {
  const others = models.filter((one) => one.kind === 'chat' && one.ref !== ref)
  return [...others.filter(({ loaded }) => loaded.length > 0), ...others.filter(({ loaded }) => loaded.length === 0)]
}
