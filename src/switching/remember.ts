/**
 * After a start: what was going on when the last run ended, and which model each slot is to have. The choice of `.env`
 * or of the home is brought up (`eager`) or waits for the first request (`lazy`); where it cannot be, the slot says why.
 */
import { joinRef, ModelyardError, type SwitchRecord } from '../contract/index.ts'
import type { Directory } from './directory.ts'
import type { Choice, Intent, SwitchStore, Target } from './ports.ts'
import { resolveModel } from './resolve.ts'
import type { SlotRuntime } from './slot-runtime.ts'
import type { Switcher } from './switcher.ts'

export interface RememberOptions {
  readonly store: SwitchStore
  readonly switcher: Switcher
  readonly directory: Directory
  readonly log: (message: string, error?: unknown) => void
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Errors that pass by themselves when the engine comes up: the choice is tried again then. */
const waitsForEngine = [
  'provider_unreachable',
  'provider_stopped',
  'provider_busy',
  'timeout',
  'provider_not_installed',
  'provider_unauthorized',
]

export interface Memory {
  /** Reads the choices, so that every slot says what it is to have; brings up nothing. */
  look(): Promise<void>
  /** Reads choices and intents; what it begins ends later (`settled`). */
  start(): Promise<void>
  /** A provider has become ready: slots that waited for it are tried again. */
  providerReady(id: string): void
  /** When every restore that was begun has ended. */
  settled(): Promise<void>
}

export function createMemory(options: RememberOptions): Memory {
  const { store, switcher, log, signal } = options
  const running = new Set<Promise<void>>()

  const bringUp = (slot: SlotRuntime): void => {
    if (slot.restoring || slot.state.run || !slot.remembered) return
    slot.restoring = true
    slot.problem = undefined
    const done = restoreOne(options, slot, slot.remembered).catch((error) => log('a choice could not be brought up', error))
    running.add(done)
    void done.finally(() => running.delete(done))
  }

  const look = async (): Promise<void> => {
    await switcher.history.read()
    for (const name of store.slotSettings().keys()) {
      const slot = switcher.addSlot(name)
      await readChoice(store, slot)
      switcher.changed(slot)
    }
  }

  switcher.onWake(bringUp)

  return {
    look,
    async start() {
      const intents = await store.readIntents()
      await look()
      for (const intent of intents) running.add(track(running, afterCrash(options, intent)))
      for (const slot of switcher.slots()) if (slot.remembered && slot.settings.restore === 'eager') bringUp(slot)
    },
    providerReady(id) {
      for (const slot of switcher.slots()) {
        const waits = slot.problem && waitsForEngine.includes(slot.problem.code)
        if (slot.remembered && waits && (slot.remembered.provider ?? id) === id && !signal.aborted) bringUp(slot)
      }
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled([...running])
    },
  }
}

function track(running: Set<Promise<void>>, promise: Promise<void>): Promise<void> {
  const tracked: Promise<void> = promise.finally(() => running.delete(tracked))
  return tracked
}

async function readChoice(store: SwitchStore, slot: SlotRuntime): Promise<void> {
  const { choice, problem } = await store.readChoice(slot.name)
  slot.remembered = problem ? undefined : choice
  slot.problem = problem
}

/** Nothing for a slot that was emptied or switched while its model was looked for. */
async function restoreOne(options: RememberOptions, slot: SlotRuntime, choice: Choice): Promise<void> {
  try {
    const target = await targetOf(options, choice)
    if (slot.remembered === choice) await restored(options, slot, target)
  } catch (error) {
    if (!options.signal.aborted && slot.remembered === choice) slot.problem = ModelyardError.from(error)
  } finally {
    slot.restoring = false
    options.switcher.changed(slot)
  }
}

/** The run counts as the restore from here on; waiting requests see it instead of the flag. */
async function restored({ switcher }: RememberOptions, slot: SlotRuntime, target: Target): Promise<void> {
  const done = switcher.restore(slot, target)
  slot.restoring = false
  await done
}

async function targetOf({ directory, store, signal }: RememberOptions, choice: Choice): Promise<Target> {
  const { provider, model } = await resolveModel(directory, { model: choice.name, provider: choice.provider, chatOnly: true, signal })
  return { provider: provider.id, name: model.name, load: { ...store.loadOptions(provider.id, model.name), ...choice.load } }
}

/**
 * The last run ended in the middle of a switch. Its choice had been written or not, never half: that decides whether
 * it took place. The half-loaded model is let go unless it was in memory before.
 */
async function afterCrash(options: RememberOptions, intent: Intent): Promise<void> {
  const { store, switcher, log, now } = options
  const slot = switcher.slots().find((one) => one.name === intent.slot)
  const choice = slot?.remembered
  const tookPlace = choice !== undefined && choice.name === intent.to.name && (choice.provider ?? intent.to.provider) === intent.to.provider
  if (!tookPlace && intent.step !== 'verify')
    await letGo(options, intent).catch((error) => log('a half-loaded model could not be unloaded', error))
  const record = recordOf(intent, tookPlace, new Date(now()).toISOString())
  switcher.history.open(record)
  await switcher.history.close(intent.id, {
    ...record,
    outcome: tookPlace ? 'switched' : 'rolled_back',
    epoch: 0,
    persisted: tookPlace,
    endedAt: new Date(now()).toISOString(),
  })
  await store.clearIntent(intent.slot)
}

function recordOf(intent: Intent, tookPlace: boolean, at: string): SwitchRecord {
  const to = joinRef(intent.to.provider, intent.to.name)
  const from = intent.from && joinRef(intent.from.provider, intent.from.name)
  const error = new ModelyardError('interrupted', 'The service ended in the middle of this switch.').toBody()
  const serving = tookPlace ? to : from
  return {
    id: intent.id,
    slot: intent.slot,
    to,
    ...(from && { from }),
    ...(serving && { ref: serving }),
    warnings: tookPlace ? ['The service ended before this switch did; its choice had been written.'] : [],
    ...(!tookPlace && { error }),
    steps: [],
    startedAt: intent.startedAt ?? at,
  }
}

async function letGo({ directory, switcher, signal }: RememberOptions, intent: Intent): Promise<void> {
  const provider = directory.provider(intent.to.provider)
  const wanted = switcher.slots().some((slot) => slot.remembered?.name === intent.to.name)
  if (!provider || wanted || provider.capabilities.unload === 'none') return
  const loaded = await provider.loaded(signal)
  if (loaded.some((one) => provider.sameModel(one.name, intent.to.name))) await provider.unload({ name: intent.to.name }, signal)
}
