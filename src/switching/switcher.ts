/**
 * The one writer: feeds events to each slot's machine, performs its effects, and feeds the results back. Nothing else
 * changes what a slot points at.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { EventInput, LoadOptions, Policy, Slot, SwitchRecord, SwitchResult } from '../contract/index.ts'
import { ModelyardError } from '../contract/index.ts'
import { type Deferred, deferred } from '../util/deferred.ts'
import type { Directory, MemoryReader } from './directory.ts'
import { emptySlot } from './empty-slot.ts'
import type { Lease } from './gate.ts'
import { createHistory, type History, refOf, resultOf } from './history.ts'
import { step } from './machine.ts'
import type { Admitted, Effect, Ending, MachineEvent, Run } from './machine-state.ts'
import { perform, type StepNews, stepOf, type Work } from './perform.ts'
import type { SwitchStore, Target } from './ports.ts'
import { releaseWhenFree } from './release.ts'
import { resolveModel } from './resolve.ts'
import { createSlotRuntime, type SlotRuntime, viewSlot } from './slot-runtime.ts'
import { createTurns, type Turns } from './turns.ts'
import type { Workshop } from './workshop.ts'

export interface SwitcherOptions {
  readonly store: SwitchStore
  readonly directory: Directory
  readonly memory: MemoryReader
  readonly emit: (event: EventInput) => void
  readonly log: (message: string, error?: unknown) => void
  readonly now: () => number
  readonly newId: () => string
}

export interface SwitchWish {
  readonly model: string
  readonly provider?: string | undefined
  readonly policy?: Policy | undefined
  readonly load?: LoadOptions | undefined
}

export interface Begun {
  readonly id: string
  /** Never rejects. */
  readonly result: Promise<SwitchResult>
}

export interface Switcher {
  readonly turns: Turns
  readonly history: History
  has(slot: string): boolean
  /** Throws `slot_not_found`. */
  slot(name: string): SlotRuntime
  slots(): SlotRuntime[]
  view(name: string): Slot
  addSlot(name: string): SlotRuntime
  dropSlot(name: string): void
  /**
   * The slot points at nothing, also after a restart; a restore under way is cancelled. Resolves with what could not be
   * written; `conflict` while it is switched.
   */
  empty(name: string): Promise<string[]>
  begin(slot: string, wish: SwitchWish): Begun
  /** Brings up a remembered choice; a no-op where a run is under way. */
  restore(slot: SlotRuntime, target: Target): Promise<void>
  cancel(id: string): Promise<SwitchRecord>
  enter(slot: string, signal?: AbortSignal): Promise<Lease>
  tryEnter(slot: string): Lease | undefined
  changed(slot: SlotRuntime): void
  /** Called with a slot whose remembered choice is wanted by a request. */
  onWake(listener: (slot: SlotRuntime) => void): void
  /** Ends what runs, refuses what waits. */
  close(): Promise<void>
}

interface Pending {
  readonly id: string
  readonly slot: SlotRuntime
  readonly settle: (result: SwitchResult) => void
  readonly result: Promise<SwitchResult>
  readonly resolving: AbortController
}

/** How long closing waits for roll backs. */
const closeGraceMs = 4000

export function createSwitcher(options: SwitcherOptions): Switcher {
  const { store, directory, emit, log, now } = options
  const slots = new Map<string, SlotRuntime>()
  const pending = new Map<string, Pending>()
  const restores = new Map<string, Deferred<void>>()
  const background = new Set<Promise<unknown>>()
  const history = createHistory(store, (error) => log('the history of switches could not be written', error))
  const turns = createTurns()
  const closing = new AbortController()
  let wake: (slot: SlotRuntime) => void = () => {}
  const iso = (): string => new Date(now()).toISOString()

  const shop: Workshop = {
    store,
    directory,
    memory: options.memory,
    turns,
    now,
    elsewhere: (slot) => [...slots.values()].filter((one) => one !== slot).flatMap((one) => one.state.serving?.target ?? []),
    onProgress: (slot, run, progress) => emitStep(slot, run, { step: 'load', state: 'progress', progress }),
  }

  const emitStep = (slot: SlotRuntime, run: Admitted, more: StepNews): void => {
    if (run.kind === 'switch') emit({ type: 'switch.step', id: run.id, slot: slot.name, to: refOf(run.to), ...more })
  }

  /** Every change of a slot's machine goes through here. */
  const dispatch = (slot: SlotRuntime, event: MachineEvent): void => {
    const before = slot.state
    const { state, effects } = step(before, event)
    slot.state = state
    if (state.serving?.epoch !== before.serving?.epoch) slot.ours.before = slot.ours.serving
    if (state.serving && state.serving.epoch !== before.serving?.epoch) onCutOver(slot, state.run)
    for (const effect of effects) carryOut(slot, effect)
    if (state !== before) changed(slot)
  }

  const onCutOver = (slot: SlotRuntime, run: Run | undefined): void => {
    slot.ours.serving = slot.ours.loading
    slot.since = iso()
    slot.verifiedAt = slot.since
    slot.remembered = undefined
    slot.problem = undefined
    slot.idle = false
    if (run?.kind !== 'switch') return
    history.addStep(run.id, 'cut_over', 0)
    emitStep(slot, run, { step: 'cut_over', state: 'done', ms: 0 })
  }

  const changed = (slot: SlotRuntime): void => {
    slot.gate.changed()
    if (slots.get(slot.name) === slot) emit({ type: 'slot.changed', slot: viewSlot(slot) })
  }

  const carryOut = (slot: SlotRuntime, effect: Effect): void => {
    if (effect.type === 'abort') slot.abort?.abort(new ModelyardError('cancelled'))
    else if (effect.type === 'finish') keep(finish(slot, effect.ending))
    else if (effect.type === 'release')
      keep(releaseWhenFree({ ...shop, log, signal: closing.signal, stillServes }, slot, { ...effect, ours: slot.ours.before }))
    else keep(work(slot, effect))
  }

  const keep = (promise: Promise<unknown>): void => {
    background.add(promise)
    void promise.catch((error) => log('a task of switching failed', error)).finally(() => background.delete(promise))
  }

  const work = async (slot: SlotRuntime, effect: Work): Promise<void> => {
    const abort = new AbortController()
    slot.abort = abort
    const run = slot.state.run
    const named = stepOf[effect.type]
    const started = now()
    if (run && named) emitStep(slot, run, { step: named, state: 'started' })
    const event = await performed(slot, effect, AbortSignal.any([abort.signal, closing.signal]))
    const ms = Math.round((now() - started) * 10) / 10
    if (run && named && run.kind === 'switch') {
      history.addStep(run.id, named, ms)
      emitStep(slot, run, { step: named, state: event.type === 'failed' || event.type === 'drain_timed_out' ? 'failed' : 'done', ms })
    }
    dispatch(slot, event)
  }

  const performed = async (slot: SlotRuntime, effect: Work, signal: AbortSignal): Promise<MachineEvent> => {
    try {
      return await perform(shop, slot, effect, signal)
    } catch (error) {
      return { type: 'failed', error: ModelyardError.from(error).toBody() }
    }
  }

  const stillServes = (target: Target): boolean =>
    [...slots.values()].some(({ state, remembered }) => {
      const uses = [state.serving?.target, state.run?.to, state.next?.to, remembered]
      return uses.some((one) => one?.provider === target.provider && one.name === target.name)
    })

  const finish = async (slot: SlotRuntime, ending: Ending): Promise<void> => {
    const ran = slot.turn?.owner === ending.id
    if (ran) endTurn(slot)
    warmProviders()
    if (ending.kind === 'restore') return finishRestore(slot, ending)
    if (!slot.state.serving && !slot.state.run && slot.remembered && !slot.problem) wake(slot)
    const record = history.get(ending.id)
    const one = pending.get(ending.id)
    pending.delete(ending.id)
    if (!record || !one) return
    const result = resultOf(record, ending, iso())
    // The intent outlives whatever it tells of: it goes only when the choice on disk is final.
    if (ran && !closing.signal.aborted)
      await store.clearIntent(slot.name).catch((error) => log('the intent of a switch could not be cleared', error))
    await settle(one, result)
  }

  const endTurn = (slot: SlotRuntime): void => {
    slot.turn?.turn.end()
    slot.turn = undefined
  }

  const finishRestore = (slot: SlotRuntime, ending: Ending): void => {
    restores.get(ending.id)?.resolve()
    restores.delete(ending.id)
    // One that gave way to a switch has not failed: it is taken up again if that switch leaves nothing serving.
    const failed = ending.outcome !== 'switched' && ending.outcome !== 'superseded'
    if (failed) slot.problem = ending.error && ModelyardError.fromBody({ ...ending.error })
    changed(slot)
  }

  const stopRestore = async (slot: SlotRuntime): Promise<void> => {
    const { run } = slot.state
    if (run?.kind !== 'restore') return
    dispatch(slot, { type: 'cancel', id: run.id })
    await restores.get(run.id)?.promise
  }

  const settle = async (one: Pending, result: SwitchResult): Promise<void> => {
    const written = history.close(one.id, result)
    emit({ type: 'switch.finished', switch: result })
    one.settle(result)
    await written
  }

  /** Providers that a slot uses keep ready what a switch would wait for. */
  const warmProviders = (): void => {
    const used = new Set(
      [...slots.values()].flatMap(({ state, remembered }) => [
        state.serving?.target.provider,
        state.run?.to.provider,
        remembered?.provider,
      ]),
    )
    for (const provider of directory.providers()) provider.keepWarm?.(used.has(provider.id))
  }

  const begin = (name: string, wish: SwitchWish): Begun => {
    const slot = slotOf(name)
    const id = options.newId()
    const one = newPending(id, slot)
    const from = refOf(slot.state.serving?.target)
    const record: SwitchRecord = { id, slot: name, ...(from && { from }), warnings: [], steps: [], startedAt: iso() }
    history.open(record)
    emit({ type: 'switch.started', switch: record })
    keep(admit(one, wish))
    return { id, result: one.result }
  }

  const newPending = (id: string, slot: SlotRuntime): Pending => {
    let settleResult: (result: SwitchResult) => void = () => {}
    const result = new Promise<SwitchResult>((resolve) => {
      settleResult = resolve
    })
    const one: Pending = { id, slot, settle: settleResult, result, resolving: new AbortController() }
    pending.set(id, one)
    return one
  }

  /** Resolve first: a switch that is not possible must not disturb one that runs. */
  const admit = async (one: Pending, wish: SwitchWish): Promise<void> => {
    const started = now()
    try {
      if (slots.get(one.slot.name) !== one.slot || closing.signal.aborted) throw new ModelyardError('cancelled')
      const to = await targetOf(one, wish)
      history.knowTarget(one.id, to)
      history.addStep(one.id, 'resolve', Math.round((now() - started) * 10) / 10)
      history.addStep(one.id, 'admit', 0)
      dispatch(one.slot, { type: 'admitted', switch: { id: one.id, kind: 'switch', to, policy: wish.policy ?? one.slot.settings.policy } })
    } catch (error) {
      await reject(one, ModelyardError.from(error))
    }
  }

  const targetOf = async (one: Pending, wish: SwitchWish): Promise<Target> => {
    const signal = AbortSignal.any([one.resolving.signal, closing.signal])
    const preferred = one.slot.state.serving?.target.provider
    const { provider, model } = await resolveModel(directory, {
      model: wish.model,
      provider: wish.provider,
      preferred,
      chatOnly: true,
      signal,
    })
    one.resolving.signal.throwIfAborted()
    return { provider: provider.id, name: model.name, load: { ...store.loadOptions(provider.id, model.name), ...wish.load } }
  }

  const reject = async (one: Pending, error: ModelyardError): Promise<void> => {
    pending.delete(one.id)
    const record = history.get(one.id)
    if (!record) return
    const { state } = one.slot
    const serving = state.condition === 'serving' ? refOf(state.serving?.target) : undefined
    const outcome = error.code === 'cancelled' ? 'cancelled' : 'rejected'
    const warnings: string[] = []
    await settle(one, {
      ...record,
      outcome,
      ...(serving && { ref: serving }),
      epoch: state.epoch,
      persisted: false,
      warnings,
      error: error.toBody(),
      endedAt: iso(),
    })
  }

  /** What runs is cancelled and rolled back if that is quick; else its intent tells the next start what was going on. */
  const rollBackInTime = async (): Promise<void> => {
    for (const one of pending.values()) {
      one.resolving.abort(new ModelyardError('cancelled'))
      dispatch(one.slot, { type: 'cancel', id: one.id })
    }
    for (const slot of slots.values()) keep(stopRestore(slot))
    const ended = Promise.all([...pending.values()].map((one) => one.result))
    const timer = new AbortController()
    await Promise.race([ended, delay(closeGraceMs, undefined, { signal: timer.signal }).catch(() => undefined)])
    timer.abort()
  }

  const slotOf = (name: string): SlotRuntime => {
    const slot = slots.get(name)
    if (slot) return slot
    throw new ModelyardError('slot_not_found', `There is no slot "${name}". There are: ${[...slots.keys()].join(', ')}.`)
  }

  return {
    turns,
    history,
    has: (name) => slots.has(name),
    slot: slotOf,
    slots: () => [...slots.values()],
    view: (name) => viewSlot(slotOf(name)),
    addSlot(name) {
      const settings = store.slotSettings().get(name)
      if (!settings) throw new ModelyardError('slot_not_found', `There is no slot "${name}".`)
      const existing = slots.get(name)
      if (existing) existing.settings = settings
      const slot = existing ?? createSlotRuntime(name, settings, (sleeping) => wake(sleeping))
      slots.set(name, slot)
      return slot
    },
    dropSlot(name) {
      const slot = slotOf(name)
      if (slot.state.run) throw new ModelyardError('conflict', `The slot "${name}" is being switched.`)
      slots.delete(name)
      emit({ type: 'slot.removed', slot: name })
      slot.closed = new ModelyardError('slot_not_found', `The slot "${name}" was removed.`)
      slot.gate.close(slot.closed)
      if (slot.state.serving)
        keep(
          releaseWhenFree({ ...shop, log, signal: closing.signal, stillServes }, slot, { ...slot.state.serving, ours: slot.ours.serving }),
        )
      warmProviders()
    },
    empty: (name) => emptySlot({ store, stopRestore, emptied: (slot) => dispatch(slot, { type: 'emptied' }) }, slotOf(name)),
    begin,
    restore(slot, target) {
      if (slot.state.run) return Promise.resolve()
      const id = `restore-${options.newId()}`
      const ended = deferred<void>()
      restores.set(id, ended)
      dispatch(slot, { type: 'admitted', switch: { id, kind: 'restore', to: target, policy: 'overlap' } })
      return ended.promise
    },
    async cancel(id) {
      const record = history.get(id)
      const one = pending.get(id)
      if (!record) throw new ModelyardError('switch_not_found', `There is no switch "${id}".`)
      if (!one || one.slot.state.run?.phase === 'persist')
        throw new ModelyardError('conflict', 'This switch has ended or has cut over already.', { retryable: false })
      one.resolving.abort(new ModelyardError('cancelled'))
      dispatch(one.slot, { type: 'cancel', id })
      return one.result
    },
    async enter(name, signal) {
      return slotOf(name).gate.enter(signal)
    },
    tryEnter: (name) => slotOf(name).gate.tryEnter(),
    changed,
    onWake(listener) {
      wake = listener
    },
    async close() {
      const reason = new ModelyardError('interrupted', 'The service is shutting down.')
      for (const slot of slots.values()) {
        slot.closed = reason
        slot.gate.close(reason)
      }
      await rollBackInTime()
      closing.abort(reason)
      while (background.size > 0) await Promise.allSettled([...background])
    },
  }
}
