import type { Model, Slot } from '../contract/index.ts'

/** One name that a client can give as `model`, in the order in which lists show them: slots, then models. */
export interface ListedChoice {
  /** The slot's name or the model's ref. */
  readonly id: string
  /** What answers to it; absent for a slot that is empty, or whose model its engine does not list. */
  readonly model?: Model | undefined
  readonly slot?: Slot | undefined
}

/** Since when it is what it is, in ISO 8601; undefined where nobody knows. */
export const since = ({ model, slot }: ListedChoice): string | undefined => model?.modifiedAt ?? slot?.since
