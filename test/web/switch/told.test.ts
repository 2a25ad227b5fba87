/** What is said of a switch: nothing that is not so, and what serves now first. */
import { describe, expect, it } from 'vitest'
import { detailsOf } from '../../../web/src/panels/switch/details.ts'
import { stepsShown, timeOf } from '../../../web/src/panels/switch/steps.ts'
import { announced, folds, meanwhile, namesOf, outcomeText, titleOf, toneOf, tooLate } from '../../../web/src/panels/switch/told.ts'
import { triesOf } from '../../../web/src/panels/switch/try-again.ts'
import { gaveWayTo, stripOf } from '../../../web/src/panels/switch/which-strip.ts'
import type { Model, Slot, SwitchRecord } from '../../../web/src/sdk.ts'
import type { StepView, SwitchView } from '../../../web/src/yard/fold.ts'

const at = '2026-01-01T00:00:00.000Z'
const record = (more: Partial<SwitchRecord> = {}): SwitchRecord => ({
  id: 's',
  slot: 'default',
  from: 'ollama/old',
  to: 'ollama/new',
  warnings: [],
  steps: [],
  startedAt: at,
  ...more,
})
const steps = (...names: string[]): StepView[] =>
  names.map((step, index) => ({ step, state: index === names.length - 1 ? 'started' : 'done', since: at }))
const view = (told: readonly StepView[] = [], more: Partial<SwitchRecord> = {}): SwitchView => ({
  record: record(more),
  steps: told,
  seen: true,
})
const slot = (state: Slot['state'], more: Partial<Slot> = {}): Slot => ({
  slot: 'default',
  state,
  leases: 0,
  waiting: 0,
  policy: 'auto',
  epoch: 1,
  restore: 'eager',
  queueSeconds: 300,
  drainSeconds: 60,
  maxRequests: null,
  ...more,
})
const failure = (code: string): NonNullable<SwitchRecord['error']> => ({ code, message: 'it said no', hint: 'do this', retryable: false })

describe('what requests meet meanwhile', () => {
  it('promises that the old model serves only when nothing of it has to leave first', () => {
    expect(meanwhile(view(steps('wait_turn', 'make_room')), slot('serving'))).toBe('old serves now.')
    expect(meanwhile(view(steps('wait_turn', 'make_room', 'load')), slot('serving'))).toBe('old keeps serving until this one has answered.')
    expect(meanwhile(view(steps('make_room', 'unload', 'load', 'verify')), slot('serving'))).toContain('keeps serving')
  })

  it('says that requests wait as soon as they do', () => {
    expect(meanwhile(view(steps('make_room', 'drain')), slot('switching', { leases: 2 }))).toBe(
      'old ends 2 requests that it has begun; new ones wait.',
    )
    expect(meanwhile(view(steps('make_room', 'drain', 'unload', 'load')), slot('switching'))).toBe('Requests wait until a model answers.')
    expect(meanwhile(view(steps('load'), { from: undefined }), slot('switching'))).toBe('Nothing serves yet; requests wait for this model.')
  })

  it('claims nothing of a switch that has run for a while before the page was opened, but what the slot says', () => {
    expect(meanwhile(view([]), slot('serving'))).toBe('old serves now.')
    expect(meanwhile(view([]), slot('switching'))).toBe('Requests wait until a model answers.')
    expect(meanwhile(view(steps('load', 'verify', 'cut_over', 'persist')), slot('serving'))).toBeUndefined()
  })
})

describe('cancelling', () => {
  it('is possible until the cut-over, and not while it goes back', () => {
    expect(tooLate(view(steps('load', 'verify')))).toBeUndefined()
    expect(tooLate(view(steps('verify', 'cut_over')))).toContain('too late')
    expect(tooLate(view(steps('load', 'roll_back')))).toContain('going back')
    expect(tooLate(view([], { steps: [{ step: 'cut_over', ms: 0 }] }))).toContain('too late')
  })
})

describe('the title', () => {
  it('names the model as soon as it is known, and says when it goes back', () => {
    expect(titleOf(view([], { to: undefined }))).toBe('Switching default')
    expect(titleOf(view())).toBe('Switching default to new')
    expect(titleOf(view(steps('load', 'roll_back')))).toBe('default: going back to old')
  })

  it('tells two engines with a model of one name apart', () => {
    expect(namesOf(record({ from: 'ollama/qwen', to: 'lmstudio/qwen', ref: 'ollama/qwen' }))).toEqual({
      to: 'lmstudio/qwen',
      from: 'ollama/qwen',
      now: 'ollama/qwen',
    })
  })
})

describe('the steps', () => {
  it('that are over in no time are not told; what runs always is', () => {
    expect(stepsShown(view(steps('wait_turn', 'make_room', 'load'))).map((one) => one.step)).toEqual(['make_room', 'load'])
    expect(stepsShown(view(steps('wait_turn'))).map((one) => one.step)).toEqual(['wait_turn'])
    const before: Partial<SwitchRecord> = {
      steps: [
        { step: 'resolve', ms: 3 },
        { step: 'make_room', ms: 5 },
      ],
    }
    expect(stepsShown(view([], before)).map((one) => [one.step, one.state])).toEqual([
      ['make_room', 'done'],
      ['under_way', 'started'],
    ])
  })

  it('of the history are not claimed to have gone well where something failed', () => {
    expect(stepsShown(view([], { outcome: 'degraded', error: failure('load_failed'), steps: [{ step: 'load', ms: 9 }] }))).toEqual([])
  })

  it('count whole seconds while they run, from when they began', () => {
    const [running] = steps('load')
    const start = Date.parse(at)
    if (!running) throw new Error('no step')
    expect([999, 1000, 65_400].map((ms) => timeOf(running, start + ms))).toEqual([undefined, 1000, 65_000])
    expect(timeOf(running, start - 5000)).toBeUndefined()
    expect(timeOf({ step: 'load', state: 'done', ms: 2100.4 }, start)).toBe(2100.4)
    expect(timeOf({ step: 'cut_over', state: 'done', ms: 0 }, start)).toBeUndefined()
  })
})

describe('the end', () => {
  const ended = (outcome: NonNullable<SwitchRecord['outcome']>, more: Partial<SwitchRecord> = {}): SwitchRecord =>
    record({ outcome, ref: 'ollama/old', endedAt: at, ...more })

  it('says what serves now before anything else', () => {
    expect(outcomeText(ended('switched', { ref: 'ollama/new' }))).toBe('new serves default.')
    expect(outcomeText(ended('rolled_back'))).toBe('old serves default, as before.')
    expect(outcomeText(ended('rolled_back', { ref: undefined }))).toBe('Nothing serves default, as before.')
    expect(outcomeText(ended('rejected'))).toBe('old serves default; nothing was touched.')
    expect(outcomeText(ended('cancelled'))).toBe('Cancelled. old serves default, as before.')
    expect(outcomeText(ended('degraded', { ref: undefined }))).toContain('Nothing answers on default')
  })

  it('is announced as serves now, what failed, what to do', () => {
    const failed = { record: ended('rolled_back', { error: failure('load_failed') }), steps: [] }
    expect(announced(failed)).toBe('old serves default, as before. new could not be used: it said no do this')
    expect(announced({ record: ended('cancelled', { error: failure('cancelled') }), steps: [] })).toBe(
      'Cancelled. old serves default, as before.',
    )
  })

  it('folds where nobody has to do anything, and stays where somebody has', () => {
    for (const outcome of ['switched', 'already_active', 'cancelled'] as const) expect(folds(ended(outcome))).toBe(true)
    for (const outcome of ['rolled_back', 'rejected', 'degraded'] as const) expect(folds(ended(outcome))).toBe(false)
    expect(folds(ended('switched', { warnings: ['the choice could not be written'] }))).toBe(false)
    expect(toneOf(ended('switched', { persisted: false }))).toBe('warn')
  })

  it('can be copied whole, without a secret', () => {
    const error = {
      ...failure('load_failed'),
      message: `refused: hf_${'a'.repeat(20)}`,
      details: { header: 'Authorization: Bearer abcdefgh12345678' },
    }
    const text = detailsOf(ended('rolled_back', { error, steps: [{ step: 'load', ms: 12.4 }] }))
    expect(text).toContain('outcome: rolled_back')
    expect(text).toContain('steps: load 12 ms')
    expect(text).not.toMatch(/hf_a|abcdefgh/)
  })

  it('have neither signed addresses nor whose machine it is', () => {
    const details = { url: 'https://h.example/f?sig=abc', file: '/home/ada/models/a.gguf', apiKey: 'plain' }
    const error = { code: 'load_failed' as const, message: 'no /home/ada/a.gguf', hint: '', retryable: false, details }
    expect(detailsOf(ended('rolled_back', { error }))).not.toMatch(/ada|sig=|plain/)
  })
})

describe('what is tried next', () => {
  const model = (ref: string, more: Partial<Model> = {}): Model => ({
    ref,
    provider: 'ollama',
    name: ref.slice(7),
    kind: 'chat',
    capabilities: [],
    loaded: [],
    pinned: false,
    slots: [],
    ...more,
  })
  const tries = (outcome: SwitchRecord['outcome'], code: string, more: Partial<Model> = {}): unknown =>
    triesOf(record({ outcome, error: failure(code) }), [model('ollama/new', more), model('ollama/old')])

  it('is the same again, with half the context where memory was the reason', () => {
    expect(tries('rolled_back', 'load_failed')).toEqual({ again: 'ollama/new' })
    expect(tries('rolled_back', 'out_of_memory', { load: { contextLength: 8192 } })).toMatchObject({ smaller: { contextLength: 4096 } })
    expect(tries('rolled_back', 'out_of_memory', { contextLength: 131_072 })).toMatchObject({ smaller: { contextLength: 2048 } })
    expect(tries('rolled_back', 'out_of_memory', { load: { contextLength: 600 } })).toEqual({ again: 'ollama/new' })
  })

  it('is the old model where nothing serves, and nothing after an end that was wanted or of a model that is gone', () => {
    expect(tries('degraded', 'load_failed')).toEqual({ again: 'ollama/new', back: 'ollama/old' })
    expect(tries('cancelled', 'cancelled')).toEqual({})
    expect(triesOf(record({ outcome: 'rejected', error: failure('model_not_found') }), [])).toEqual({})
  })
})

describe('the strip', () => {
  const none = new Set<string>()
  const ended = (id: string, more: Partial<SwitchRecord> = {}, seen = true): SwitchView => ({
    record: record({ id, outcome: 'switched', endedAt: at, ...more }),
    steps: [],
    seen,
  })

  it('is that of the newest switch of the slot: one that runs, or whose end was seen and not closed', () => {
    const running: SwitchView = { record: record({ id: 'r' }), steps: [] }
    const other = ended('x', { slot: 'code' })
    expect(stripOf([other, running, ended('e')], slot('serving'), none)?.record.id).toBe('r')
    expect(stripOf([ended('e'), running], slot('serving'), none)?.record.id).toBe('e')
    expect(stripOf([ended('e')], slot('serving'), new Set(['e']))).toBeUndefined()
    expect(stripOf([ended('e', {}, false)], slot('serving'), none)).toBeUndefined()
    expect(stripOf([running], undefined, none)).toBeUndefined()
  })

  it('of the past is only what explains why nothing answers now, and that cannot be closed', () => {
    const lost = ended('d', { outcome: 'degraded' }, false)
    expect(stripOf([lost], slot('degraded'), new Set(['d']))?.record.id).toBe('d')
    expect(stripOf([lost], slot('serving'), none)).toBeUndefined()
  })

  it('knows which switch gave way to it', () => {
    const now: SwitchView = { record: record({ id: 'n' }), steps: [] }
    const before = ended('b', { outcome: 'superseded', to: 'ollama/other' })
    expect(gaveWayTo([now, ended('x', { slot: 'code' }), before], now)?.record.id).toBe('b')
    expect(gaveWayTo([now, ended('b')], now)).toBeUndefined()
  })
})
