/** Does what the machine asks for, one effect at a time, and answers with what happened. */
import { type EventInput, type LoadOptions, ModelyardError, type SwitchStep } from '../contract/index.ts'
import type { Effect, MachineEvent, Run } from './machine-state.ts'
import type { Target } from './ports.ts'
import { putBack } from './put-back.ts'
import type { SlotRuntime } from './slot-runtime.ts'
import { survey } from './survey.ts'
import { verify } from './verify.ts'
import { providerOf, type Workshop } from './workshop.ts'

/** Effects that have a result. */
export type Work = Exclude<Effect, { type: 'abort' | 'release' | 'finish' }>

/** What a person is told of it. */
export const stepOf: Partial<Record<Work['type'], SwitchStep>> = {
  take_turn: 'wait_turn',
  survey: 'make_room',
  drain: 'drain',
  unload: 'unload',
  load: 'load',
  verify: 'verify',
  persist: 'persist',
  restore: 'roll_back',
}

export type StepNews = Pick<EventInput & { type: 'switch.step' }, 'step' | 'state' | 'ms' | 'progress'>

export function perform(shop: Workshop, slot: SlotRuntime, work: Work, signal: AbortSignal): Promise<MachineEvent> {
  switch (work.type) {
    case 'take_turn':
      return takeTurn(shop, slot, work.run, signal)
    case 'survey':
      return look(shop, slot, work, signal)
    case 'write_intent':
      return writeIntent(shop, slot, work.run)
    case 'drain':
      return drain(slot, work.epoch, signal)
    case 'unload':
      return unload(shop, work, signal)
    case 'load':
      return load(shop, slot, work.run, signal)
    case 'verify':
      return prove(shop, slot, work.run, signal)
    case 'persist':
      return persist(shop, slot, work.run)
    case 'restore':
      return putBack(shop, slot, work, signal)
  }
}

async function takeTurn(shop: Workshop, slot: SlotRuntime, run: Run, signal: AbortSignal): Promise<MachineEvent> {
  const providers = run.from ? [run.to.provider, run.from.provider] : [run.to.provider]
  slot.turn = { owner: run.id, turn: await shop.turns.take(providers, signal) }
  return { type: 'turn_taken' }
}

async function look(
  shop: Workshop,
  slot: SlotRuntime,
  work: { run: Run; serving?: Target | undefined },
  signal: AbortSignal,
): Promise<MachineEvent> {
  const { facts, details } = await survey({
    directory: shop.directory,
    memory: shop.memory,
    to: work.run.to,
    serving: work.serving,
    servingIsOurs: slot.ours.serving,
    elsewhere: shop.elsewhere(slot),
    pinned: shop.store.pinned,
    signal,
  })
  slot.sizeBytes = details.sizeBytes
  slot.others = facts.occupants.filter((one) => one.servesOther)
  return { type: 'surveyed', facts }
}

/** A restore changes no choice, so there is nothing to remember about it. `verify`: nothing will have to be unloaded. */
async function writeIntent(shop: Workshop, slot: SlotRuntime, run: Run): Promise<MachineEvent> {
  if (run.kind === 'switch') {
    await shop.store.writeIntent({
      id: run.id,
      slot: slot.name,
      to: run.to,
      from: run.from,
      policy: run.policy,
      step: run.wasLoaded ? 'verify' : 'load',
      startedAt: new Date(shop.now()).toISOString(),
    })
  }
  return { type: 'intent_written' }
}

async function drain(slot: SlotRuntime, epoch: number, signal: AbortSignal): Promise<MachineEvent> {
  const seconds = slot.settings.drainSeconds
  if (await slot.gate.drained(epoch, seconds * 1000, signal)) return { type: 'drained' }
  signal.throwIfAborted()
  const running = slot.gate.leasesOf(epoch)
  const message = `${running} ${running === 1 ? 'request still runs' : 'requests still run'} on the old model after ${seconds} s.`
  const hint = 'Try again later, or use the policy "overlap"; `drainSeconds` of the slot is the limit.'
  return { type: 'drain_timed_out', error: new ModelyardError('conflict', message, { hint }).toBody() }
}

async function unload(shop: Workshop, { plan }: { plan: NonNullable<Run['plan']> }, signal: AbortSignal): Promise<MachineEvent> {
  for (const one of plan.unload) {
    await providerOf(shop.directory, one.provider).unload({ name: one.name, instanceId: one.instanceId }, signal)
  }
  return { type: 'unloaded' }
}

async function load(shop: Workshop, slot: SlotRuntime, run: Run, signal: AbortSignal): Promise<MachineEvent> {
  const provider = providerOf(shop.directory, run.to.provider)
  const instance = await provider.load(run.to.name, run.to.load, {
    signal,
    sizeBytes: slot.sizeBytes,
    onProgress: (share) => shop.onProgress(slot, run, share),
  })
  slot.ours.loading = instance.loadedBy === 'us' || (run.kind === 'restore' && slot.remembered?.ours === true)
  return { type: 'loaded', warnings: [...partlyOnCpu(instance), ...otherContext(instance, run.to.load)] }
}

function partlyOnCpu({ memoryBytes, gpuBytes }: { memoryBytes?: number | undefined; gpuBytes?: number | undefined }): string[] {
  if (!memoryBytes || !gpuBytes || gpuBytes >= memoryBytes) return []
  const share = Math.max(1, Math.round((1 - gpuBytes / memoryBytes) * 100))
  return [`It does not fit into the GPU: ${share} % of it runs on the CPU, which is slower.`]
}

function otherContext({ contextLength }: { contextLength?: number | undefined }, wanted: LoadOptions): string[] {
  if (wanted.contextLength === undefined || contextLength === undefined || contextLength === wanted.contextLength) return []
  return [`Its engine gave it a context of ${contextLength} tokens instead of ${wanted.contextLength}.`]
}

async function prove(shop: Workshop, slot: SlotRuntime, run: Run, signal: AbortSignal): Promise<MachineEvent> {
  const provider = providerOf(shop.directory, run.to.provider)
  return { type: 'verified', verification: await verify({ provider, target: run.to, sizeBytes: slot.sizeBytes, signal, now: shop.now }) }
}

async function persist(shop: Workshop, slot: SlotRuntime, run: Run): Promise<MachineEvent> {
  if (run.kind === 'restore') return { type: 'persisted', ok: true, warnings: [] }
  const { warnings } = await shop.store.writeChoice(slot.name, { ...run.to, ours: slot.ours.loading })
  return { type: 'persisted', ok: warnings.length === 0, warnings }
}
