/** What switching keeps over a restart, as an interface: the machine runs against fakes as it runs against files. */
import type { EffectiveSlotSettings, LoadOptions, ModelyardError, Policy, SwitchRecord, SwitchStep } from '../contract/index.ts'

/** One exact model in one provider, with the options it is loaded with. */
export interface Target {
  readonly provider: string
  readonly name: string
  readonly load: LoadOptions
}

/** What is kept of a slot's choice over a restart. */
export interface Choice {
  /** Absent where the `.env` names only the model. */
  readonly provider?: string | undefined
  readonly name: string
  /** Options given with the switch; absent: those remembered for the model. */
  readonly load?: LoadOptions | undefined
  /** It was loaded by us: an engine that outlives us does not know that any more. */
  readonly ours?: boolean | undefined
}

/** Written before the first effect of a switch and cleared after its end; found at start, it says what was going on. */
export interface Intent {
  readonly id: string
  readonly slot: string
  readonly to: Target
  readonly from?: Target | undefined
  readonly policy: Policy
  readonly step: SwitchStep
  readonly startedAt: string
}

/** Where choices, intents and history are kept. Every write is atomic; a write that failed throws. */
export interface SwitchStore {
  /** The choice as the `.env` says, else as the home says. `problem`: why the file could not be used. */
  readChoice(slot: string): Promise<{ choice?: Choice | undefined; from?: string | undefined; problem?: ModelyardError | undefined }>
  /** The home first, then the mirror in `.env`, both keys in one replacement. What the mirror refused is a warning. */
  writeChoice(slot: string, choice: Choice | undefined): Promise<{ warnings: string[] }>
  readIntents(): Promise<readonly Intent[]>
  writeIntent(intent: Intent): Promise<void>
  clearIntent(slot: string): Promise<void>
  /** Newest first, at most 200. */
  readHistory(): Promise<readonly SwitchRecord[]>
  writeHistory(records: readonly SwitchRecord[]): Promise<void>
  /** Slots that exist, with the settings in force (state over file over default). `default` is always among them. */
  slotSettings(): ReadonlyMap<string, EffectiveSlotSettings>
  /** Remembered production options of a model, from state over the configuration file. */
  loadOptions(provider: string, name: string): LoadOptions
  /** Is the model pinned: never unloaded by a switch. */
  pinned(provider: string, name: string): boolean
}
