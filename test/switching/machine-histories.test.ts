/**
 * Ten thousand generated histories of the machine against an engine that may fail, evict, and be slow; with cancels,
 * newer switches and crashes at any point. Seeded: a failure prints the path that replays it.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErrorBody, ModelyardError, type Outcome } from '../../src/contract/index.ts'
import { emptyMachine, sameTarget, step } from '../../src/switching/machine.ts'
import type { Admitted, Effect, Ending, MachineEvent, MachineState } from '../../src/switching/machine-state.ts'
import type { Target } from '../../src/switching/ports.ts'

const models = ['a', 'b', 'c', 'd'] as const
const policies = ['auto', 'overlap', 'replace', 'exclusive'] as const
const target = (name: string): Target => ({ provider: 'engine', name, load: {} })
const broken = (message: string): ErrorBody => new ModelyardError('load_failed', message).toBody()

/** What the engine does when it is next asked for something. */
const reaction = fc.record({
  ok: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  /** A failed load throws out what worked, as Ollama and llama.cpp's router do. */
  evicts: fc.boolean(),
  memory: fc.constantFrom('unknown', 'plenty', 'tight', 'never'),
})
type Reaction = typeof reaction extends fc.Arbitrary<infer T> ? T : never

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('switch' as const), model: fc.constantFrom(...models), policy: fc.constantFrom(...policies) }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('engine' as const), reaction }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

/** An engine, a disk and one slot's machine, driven by commands. */
class World {
  state: MachineState = emptyMachine('default')
  loaded = new Set<string>()
  verified = new Set<string>()
  persisted: Target | undefined
  underWay: Effect | undefined
  aborting = false
  admitted: string[] = []
  endings = new Map<string, Ending>()
  cutOvers = new Map<string, number>()
  crashed = new Set<string>()
  ids = 0

  dispatch(event: MachineEvent): void {
    const before = this.state
    const { state, effects } = step(before, event)
    this.state = state
    if (state.serving !== before.serving && state.serving) this.onCutOver(before, state)
    for (const effect of effects) this.accept(effect)
  }

  onCutOver(before: MachineState, state: MachineState): void {
    const run = before.run
    expect(run, 'a cut-over belongs to a run').toBeDefined()
    if (!run || !state.serving) return
    this.cutOvers.set(run.id, (this.cutOvers.get(run.id) ?? 0) + 1)
    expect(this.cutOvers.get(run.id), 'at most one cut-over').toBe(1)
    expect(run.stop, 'never after it was stopped').toBeUndefined()
    expect(this.verified.has(`${run.id}:${state.serving.target.name}`), 'only what this run has verified').toBe(true)
    expect(state.epoch).toBe(before.epoch + 1)
  }

  accept(effect: Effect): void {
    if (effect.type === 'finish') return this.finish(effect.ending)
    if (effect.type === 'abort') return this.abort()
    if (effect.type === 'release')
      return void (effect.target.name !== this.state.serving?.target.name && this.loaded.delete(effect.target.name))
    expect(this.underWay, `one writer: ${effect.type} while ${this.underWay?.type} is under way`).toBeUndefined()
    this.underWay = effect
  }

  finish(ending: Ending): void {
    expect(this.endings.has(ending.id), 'exactly one ending').toBe(false)
    this.endings.set(ending.id, ending)
    this.checkEnding(ending)
  }

  /** After any failure the model that worked answers, or the state says `degraded`. */
  checkEnding(ending: Ending): void {
    const { outcome } = ending
    if (outcome === 'switched') {
      expect(ending.serving && sameTarget(ending.serving, ending.to)).toBe(true)
      expect(this.loaded.has(ending.to.name)).toBe(true)
    }
    if (outcome === 'already_active') expect(ending.serving && sameTarget(ending.serving, ending.to)).toBe(true)
    const handedOver = outcome === 'superseded' && this.state.run !== undefined
    if (outcome === 'degraded') expect(this.state.condition).toBe('degraded')
    else if (ending.serving && !handedOver && !this.state.owed) expect(this.answers(ending.serving)).toBe(true)
  }

  /** In memory, or it can be loaded by the request that comes: what was never unloaded by us. */
  answers(serving: Target): boolean {
    return this.loaded.has(serving.name)
  }

  /** The engine is told to end what it was asked for; it may be too late for that. */
  abort(): void {
    expect(this.underWay?.type, 'a roll back and a cut-over are never aborted').not.toMatch(/persist|restore/)
    this.aborting = this.underWay !== undefined
  }

  engine(how: Reaction): void {
    const effect = this.underWay
    if (!effect) return
    const ended = this.aborting && how.evicts
    this.aborting = false
    this.underWay = undefined
    this.dispatch(ended ? { type: 'failed', error: new ModelyardError('cancelled').toBody() } : this.react(effect, how))
  }

  react(effect: Effect, { ok, evicts, memory }: Reaction): MachineEvent {
    switch (effect.type) {
      case 'take_turn':
        return { type: 'turn_taken' }
      case 'survey':
        return ok || evicts ? { type: 'surveyed', facts: this.facts(effect.run, memory) } : { type: 'failed', error: broken('no engine') }
      case 'write_intent':
        return ok || evicts ? { type: 'intent_written' } : { type: 'failed', error: broken('disk') }
      case 'drain':
        return ok || evicts ? { type: 'drained' } : { type: 'drain_timed_out', error: broken('busy') }
      case 'unload':
        for (const one of effect.plan.unload) if (ok || one.servesThis) this.loaded.delete(one.name)
        return ok ? { type: 'unloaded' } : { type: 'failed', error: broken('unload') }
      case 'load':
        if (evicts && !ok) this.loaded.clear()
        if (!ok) return { type: 'failed', error: broken('load') }
        this.loaded.add(effect.run.to.name)
        return { type: 'loaded', warnings: [] }
      case 'verify':
        if (!ok) return { type: 'failed', error: broken('verify') }
        this.verified.add(`${effect.run.id}:${effect.run.to.name}`)
        return { type: 'verified', verification: { text: 'x', tokens: 1, reasoning: false, model: effect.run.to.name, ms: 1 } }
      case 'persist':
        if (ok) this.persisted = effect.run.to
        return { type: 'persisted', ok, warnings: ok ? [] : ['no'] }
      case 'restore':
        if (!effect.run.wasLoaded && effect.run.to.name !== effect.back?.name) this.loaded.delete(effect.run.to.name)
        if (!ok && effect.back) {
          this.loaded.delete(effect.back.name)
          return { type: 'failed', error: broken('restore') }
        }
        if (effect.back) this.loaded.add(effect.back.name)
        return { type: 'restored', warnings: [] }
      default:
        throw new TypeError(effect.type)
    }
  }

  facts(run: Admitted, memory: Reaction['memory']) {
    const serving = this.state.serving?.target
    const free = { unknown: undefined, plenty: 100, tight: 5, never: 5 }[memory]
    return {
      toLoaded: this.loaded.has(run.to.name),
      fromAlive: serving !== undefined && this.loaded.has(serving.name),
      occupants: [...this.loaded].map((name) => ({
        provider: 'engine',
        name,
        memoryBytes: 10,
        loadedBy: 'us' as const,
        pinned: name === 'd',
        servesOther: false,
        servesThis: name === serving?.name,
        isTarget: name === run.to.name,
      })),
      needBytes: memory === 'never' ? 1000 : 10,
      freeBytes: free,
      totalBytes: free === undefined ? undefined : 120,
      multipleModels: true,
      canUnload: true,
      provider: 'engine',
    }
  }

  admit(model: string, policy: Admitted['policy'], kind: Admitted['kind'] = 'switch'): void {
    const id = `${kind}-${this.ids++}`
    this.admitted.push(id)
    this.dispatch({ type: 'admitted', switch: { id, kind, to: target(model), policy } })
  }

  /** The process is gone; the engine and the disk are not. The next start brings up what the disk says. */
  crash(): void {
    for (const id of this.admitted) if (!this.endings.has(id)) this.crashed.add(id)
    this.underWay = undefined
    this.aborting = false
    this.state = emptyMachine('default', this.state.epoch)
    if (this.persisted) this.admit(this.persisted.name, 'overlap', 'restore')
  }

  run(one: Command): void {
    if (one.do === 'switch') this.admit(one.model, one.policy)
    else if (one.do === 'engine') this.engine(one.reaction)
    else if (one.do === 'cancel') this.dispatch({ type: 'cancel', id: this.admitted.at(-1 - one.which) ?? 'none' })
    else this.crash()
    this.checkAlways()
  }

  checkAlways(): void {
    const { state } = this
    if (state.condition === 'serving') expect(state.serving).toBeDefined()
    if (state.run) expect(this.underWay, 'a run waits for exactly one effect').toBeDefined()
    else expect(state.next, 'nobody waits behind nothing').toBeUndefined()
    if (!state.run && state.condition === 'serving') expect([state.owed, state.admission], 'at rest requests flow').toEqual([false, 'open'])
  }

  /** Lets an engine in good health finish everything. */
  settle(): void {
    for (let turn = 0; this.underWay && turn < 200; turn += 1) this.engine({ ok: true, evicts: false, memory: 'plenty' })
    expect(this.state.run).toBeUndefined()
    for (const id of this.admitted) expect(this.endings.has(id) !== this.crashed.has(id), `${id} ended exactly once`).toBe(true)
  }
}

describe('the switch machine over generated histories', () => {
  it('has one writer, one cut-over, one ending, and never points at what was not verified', () => {
    const outcomes = new Map<Outcome, number>()
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 80, size: 'max' }), (commands) => {
        const world = new World()
        for (const one of commands) world.run(one)
        world.settle()
        for (const { outcome } of world.endings.values()) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }),
      { numRuns: 10_000, seed: 20_261_124 },
    )
    expect([...outcomes.keys()].sort()).toEqual([
      'already_active',
      'cancelled',
      'degraded',
      'rejected',
      'rolled_back',
      'superseded',
      'switched',
    ])
  })
})
