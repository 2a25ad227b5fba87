/** What switching needs from the store. */
export type { Choice, Intent, SwitchStore, Target } from '../store/switch-store.ts'
