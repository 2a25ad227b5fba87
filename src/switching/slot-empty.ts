import { ModelyardError } from '../contract/index.ts'

/** Says how this very slot is filled. */
export const slotEmpty = (slot: string): ModelyardError =>
  new ModelyardError('slot_empty', `The slot "${slot}" has no model.`, {
    hint: `Fill it with \`modelyard use REF${slot === 'default' ? '' : ` --slot ${slot}`}\`.`,
  })
