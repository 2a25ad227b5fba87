/** What is sent when load options are saved, and what a person has to say before a model is removed. */
import { describe, expect, it } from 'vitest'
import { hubLinkOf } from '../../../web/src/panels/models/hub-link.ts'
import { faultsOf, formOf, optionsOf, originOf, patchesOf } from '../../../web/src/panels/models/load-form.ts'
import { emptySlot, isComplete, removalPlan, removeOptionsOf, replacementsOf } from '../../../web/src/panels/models/removal-plan.ts'
import type { Removal } from '../../../web/src/sdk.ts'
import { model } from './model.ts'

const empty = formOf()

describe('load options', () => {
  it('are in fields as they are remembered, and sent as they are written', () => {
    const form = formOf({ contextLength: 8192, gpuLayers: 0, keepAlive: -1 })
    expect(form).toEqual({ contextLength: '8192', gpuLayers: '0', keepAlive: '-1' })
    expect(optionsOf(form)).toEqual({ contextLength: 8192, gpuLayers: 0, keepAlive: '-1' })
    expect(optionsOf({ ...empty, keepAlive: '90' })).toEqual({ keepAlive: 90 })
    expect(optionsOf(empty)).toEqual({})
  })

  it('that cannot be sent are named', () => {
    expect(faultsOf(empty)).toEqual([])
    expect(faultsOf({ contextLength: '3', gpuLayers: '10001', keepAlive: 'long' })).toEqual(['contextLength', 'gpuLayers', 'keepAlive'])
    expect(faultsOf({ contextLength: '16777217', gpuLayers: '-1', keepAlive: '30 m' })).toEqual(['contextLength', 'gpuLayers', 'keepAlive'])
    expect(faultsOf({ contextLength: '4', gpuLayers: '0', keepAlive: '1h30m' })).toEqual([])
    expect(faultsOf({ ...empty, contextLength: '8e3' })).toEqual(['contextLength'])
  })

  it('are added to those remembered; one that was emptied makes all be forgotten first', () => {
    const had = { contextLength: 4096, keepAlive: '5m' }
    expect(patchesOf(had, formOf({ ...had, contextLength: 8192 }))).toEqual([{ load: { contextLength: 8192, keepAlive: '5m' } }])
    expect(patchesOf(had, formOf({ contextLength: 4096 }))).toEqual([{ load: null }, { load: { contextLength: 4096 } }])
    expect(patchesOf(had, empty)).toEqual([{ load: null }])
  })

  it('come from here, from the configuration, or from the engine', () => {
    expect(originOf(undefined, { contextLength: 4096 })).toBe('engine')
    expect(originOf({ contextLength: 4096 }, { contextLength: 4096 })).toBe('configured')
    expect(originOf({ contextLength: 8192 }, { contextLength: 4096 })).toBe('remembered')
    expect(originOf({ contextLength: 8192 }, undefined)).toBe('remembered')
  })
})

describe('a removal', () => {
  const ref = 'lmstudio/lab/m'
  const file = { path: '/models/m.gguf', bytes: 100 }
  const run = (more: Partial<Removal>): Removal => ({ ref, removed: [file], kept: [], freedBytes: 100, dryRun: true, ...more })
  const used = { path: ref, why: 'it serves default' }
  const none = { replacement: '', foreign: false }

  it('of a model that nothing needs is complete as it is', () => {
    const plan = removalPlan(run({}), run({}))
    expect(plan).toEqual({ removed: [file], kept: [], freedBytes: 100, foreign: undefined, inUse: false })
    expect([isComplete(plan, none), removeOptionsOf(plan, none)]).toEqual([true, {}])
  })

  it('of one that serves a slot needs a replacement, or the word that the slot may be empty', () => {
    const plan = removalPlan(run({ kept: [used] }), run({}))
    expect([plan.inUse, plan.kept, isComplete(plan, none)]).toEqual([true, [], false])
    const other = { ...none, replacement: 'ollama/x' }
    expect([isComplete(plan, other), removeOptionsOf(plan, other)]).toEqual([true, { replaceWith: 'ollama/x' }])
    expect(removeOptionsOf(plan, { ...none, replacement: emptySlot })).toEqual({ emptySlots: true })
  })

  it('of files that others put there needs one more word, with the reason', () => {
    const asItIs = run({ removed: [], freedBytes: 0, kept: [{ path: file.path, why: 'somebody else put it there' }] })
    const plan = removalPlan(asItIs, run({}))
    expect([plan.foreign, plan.removed, isComplete(plan, none)]).toEqual(['somebody else put it there', [file], false])
    const ticked = { ...none, foreign: true }
    expect([isComplete(plan, ticked), removeOptionsOf(plan, ticked)]).toEqual([true, { foreign: true }])
  })

  it('of which nothing can go is never complete', () => {
    const stays = run({ removed: [], freedBytes: 0, kept: [{ path: file.path, why: 'other models use it' }] })
    const plan = removalPlan(stays, stays)
    expect([plan.foreign, isComplete(plan, { replacement: 'ollama/x', foreign: true })]).toEqual([undefined, false])
  })

  it('offers other chat models in its place, those in memory first', () => {
    const models = [
      model(ref),
      model('ollama/a'),
      model('ollama/e', { kind: 'embedding' }),
      model('ollama/b', { loaded: [{ loadedBy: 'us' }] }),
    ]
    expect(replacementsOf(models, ref).map((one) => one.ref)).toEqual(['ollama/b', 'ollama/a'])
  })
})

it('only what is the name of a repository becomes a link', () => {
  expect(hubLinkOf('lab/Tiny-GGUF')).toBe('https://huggingface.co/lab/Tiny-GGUF')
  for (const repo of ['javascript:alert(1)', '//evil.example/x', 'a/b/c', '../x', 'a/b?c', 'a/b#c', ''])
    expect(hubLinkOf(repo)).toBeUndefined()
})
