/**
 * Uninstalling exactly one model: first everything that can be refused, then the slots it serves, then its place in
 * memory, then its files. What fails before the files go leaves the model whole.
 */
import { joinRef, ModelyardError, type Removal } from '../contract/index.ts'
import type { LoadedInstance, Provider, RemovalPlan, Removing } from '../providers/provider.ts'
import type { Directory } from '../switching/directory.ts'
import { resolveModel } from '../switching/resolve.ts'
import type { SlotRuntime } from '../switching/slot-runtime.ts'
import type { Switcher } from '../switching/switcher.ts'
import { slotsOfModel } from './slots-of-model.ts'
import type { RemoveOptions } from './yard.ts'

export interface RemoveContext {
  readonly directory: Directory
  readonly switcher: Switcher
  /** What was remembered of a model that is gone. */
  readonly forget: (ref: string) => Promise<void>
  /** The provider has changed: look again soon. */
  readonly changed: (provider: string) => void
  readonly signal: AbortSignal
}

interface Subject {
  readonly provider: Provider
  readonly removing: Removing
  readonly name: string
  readonly ref: string
}

type Kept = Removal['kept'][number]

export async function removeModel(context: RemoveContext, ref: string, options: RemoveOptions): Promise<Removal> {
  const { foreign = false, replaceWith, emptySlots = false } = options
  if (replaceWith !== undefined && emptySlots)
    throw new ModelyardError('invalid_request', 'Either a replacement is named or the slots are emptied, not both.')
  const subject = await find(context, ref)
  const replacement = replaceWith === undefined ? undefined : await findReplacement(context, subject, replaceWith)
  const plan = await subject.removing.plan(subject.name, context.signal)
  const slots = slotsOfModel(context.switcher.slots(), subject.provider, subject.name)
  const resolved = replacement !== undefined || emptySlots
  if (options.dryRun) return dryRun(subject, withoutForeign(plan, foreign), resolved ? [] : slots)
  refuse(subject, plan, foreign)
  if (slots.length > 0 && !resolved) throw inUse(subject, slots)
  const leases = slots.map(leaseOf)
  const kept = replacement === undefined ? await empty(context, slots) : await replace(context, slots, replacement)
  for (const lease of leases) await lease.ended(context.signal)
  const removed = viewOf(subject, await takeAway(context, subject, foreign), false)
  await context.forget(subject.ref)
  return { ...removed, kept: [...removed.kept, ...kept] }
}

async function find({ directory, signal }: RemoveContext, ref: string): Promise<Subject> {
  const { provider, model } = await resolveModel(directory, { model: ref, chatOnly: false, signal })
  const { removing } = provider
  if (removing && provider.capabilities.remove !== 'none')
    return { provider, removing, name: model.name, ref: joinRef(provider.id, model.name) }
  throw new ModelyardError('unsupported_operation', `${provider.id} has no way to remove a model that Modelyard knows.`, {
    hint: 'Remove it where it came from. For LM Studio, name its folder as "modelsDir" in the configuration.',
  })
}

async function findReplacement({ directory, signal }: RemoveContext, subject: Subject, model: string): Promise<string> {
  const found = await resolveModel(directory, { model, chatOnly: true, signal })
  if (found.provider.id === subject.provider.id && subject.provider.sameModel(found.model.name, subject.name))
    throw new ModelyardError('invalid_request', `${subject.ref} cannot replace itself.`)
  return joinRef(found.provider.id, found.model.name)
}

function refuse({ ref }: Subject, plan: RemovalPlan, foreign: boolean): void {
  if (plan.foreign.length > 0 && !foreign)
    throw new ModelyardError('foreign_files', `Somebody else put the files of ${ref} there.`, { details: { paths: [...plan.foreign] } })
  if (plan.removed.length > 0) return
  const [first] = plan.kept
  throw new ModelyardError('conflict', `Nothing of ${ref} can be removed${first ? `: ${first.path}: ${first.why}` : ''}.`, {
    details: { kept: [...plan.kept] },
    retryable: false,
  })
}

function inUse({ ref }: Subject, slots: readonly SlotRuntime[]): ModelyardError {
  const names = slots.map(({ name }) => name)
  return new ModelyardError('in_use', `${ref} serves ${names.join(', ')}.`, { details: { slots: names } })
}

/** The requests that run on the model now: they end on it before it goes. */
function leaseOf({ gate, state, settings }: SlotRuntime): { ended(signal: AbortSignal): Promise<void> } {
  const epoch = state.serving?.epoch
  return {
    async ended(signal) {
      if (epoch === undefined || (await gate.drained(epoch, settings.drainSeconds * 1000, signal))) return
      signal.throwIfAborted()
      throw new ModelyardError('timeout', `Requests still run on the model after ${settings.drainSeconds} s; it was not removed.`)
    },
  }
}

/** One after the other, each verified; the first that fails ends it, and the model stays. */
async function replace({ switcher, signal }: RemoveContext, slots: readonly SlotRuntime[], model: string): Promise<Kept[]> {
  for (const { name } of slots) {
    const { id, result } = switcher.begin(name, { model })
    const onAbort = (): void => void switcher.cancel(id).catch(() => undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    const ended = await result.finally(() => signal.removeEventListener('abort', onAbort))
    if (ended.outcome === 'switched' || ended.outcome === 'already_active') continue
    const { code = 'conflict', message = ended.outcome, ...more } = ended.error ?? {}
    throw ModelyardError.fromBody({ ...more, code, message: `${name} could not be switched to ${model}, nothing was removed: ${message}` })
  }
  return []
}

/** What the `.env` refused is told as something that stays. */
async function empty({ switcher }: RemoveContext, slots: readonly SlotRuntime[]): Promise<Kept[]> {
  const kept: Kept[] = []
  for (const { name } of slots) for (const why of await switcher.empty(name)) kept.push({ path: name, why })
  return kept
}

async function takeAway(context: RemoveContext, subject: Subject, foreign: boolean): Promise<RemovalPlan> {
  const { provider, removing, name } = subject
  const turn = await context.switcher.turns.take([provider.id], context.signal)
  try {
    const again = slotsOfModel(context.switcher.slots(), provider, name)
    if (again.length > 0) throw inUse(subject, again)
    await unload(context, subject)
    return await removing.perform(name, { foreign }, context.signal)
  } finally {
    turn.end()
    context.changed(provider.id)
  }
}

async function unload({ signal }: RemoveContext, { provider, name, ref }: Subject): Promise<void> {
  const found = await inMemory(provider, name, signal)
  if (!found) return
  if (provider.capabilities.unload === 'none')
    throw new ModelyardError('conflict', `${ref} is in memory, and ${provider.id} cannot be asked to unload it.`, {
      hint: 'Unload it there, then try again.',
    })
  await provider.unload({ name: found.name }, signal)
}

/** An engine whose server does not run has nothing in memory, and its files can go all the same. */
async function inMemory(provider: Provider, name: string, signal: AbortSignal): Promise<LoadedInstance | undefined> {
  if (!provider.capabilities.loadedState) return undefined
  return (await provider.loaded(signal)).find((one) => provider.sameModel(one.name, name))
}

/** What a removal that may not touch what others put there would do: nothing. */
function withoutForeign(plan: RemovalPlan, foreign: boolean): RemovalPlan {
  if (foreign || plan.foreign.length === 0) return plan
  const kept = plan.removed.map(({ path, name }) => ({ path: path ?? name ?? '', why: 'somebody else put it there' }))
  return { ...plan, removed: [], kept: [...kept, ...plan.kept], freedBytes: 0 }
}

function dryRun(subject: Subject, plan: RemovalPlan, slots: readonly SlotRuntime[]): Removal {
  const view = viewOf(subject, plan, true)
  if (slots.length === 0) return view
  const why = `it serves ${slots.map(({ name }) => name).join(', ')}: name a replacement or empty the slot, then this goes`
  return { ...view, kept: [{ path: subject.ref, why }, ...view.kept] }
}

function viewOf({ ref }: Subject, { removed, kept, freedBytes }: RemovalPlan, isDryRun: boolean): Removal {
  const shown = removed.map(({ path, name, bytes }) => ({
    ...(path !== undefined && { path }),
    ...(name !== undefined && { name }),
    bytes,
  }))
  return { ref, removed: shown, kept: [...kept], freedBytes, dryRun: isDryRun }
}
