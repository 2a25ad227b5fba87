/** What a check found, what mending did, which settings hold, and what engines can do. */
import { expect, it } from 'vitest'
import { bytesOf, mended, sorted } from '../../../web/src/panels/settings/findings.ts'
import { inForce, valueNamed, valueText } from '../../../web/src/panels/settings/sources.ts'
import type { Capabilities, Finding } from '../../../web/src/sdk.ts'
import { canStart } from '../../../web/src/ui/can-start.ts'
import { abilities } from '../../../web/src/ui/engine-words.ts'

const finding = (id: string, level: Finding['level'], more: Partial<Finding> = {}): Finding => ({
  id,
  level,
  text: id,
  fixable: false,
  ...more,
})

it('findings are shown the worst first, and what is good apart', () => {
  const found = [finding('a', 'ok'), finding('b', 'info'), finding('c', 'error'), finding('d', 'warning'), finding('e', 'error')]
  const { bad, good } = sorted(found)
  expect(bad.map(({ id }) => id)).toEqual(['c', 'e', 'd', 'b'])
  expect(good.map(({ id }) => id)).toEqual(['a'])
})

it('mended is what is not found any more, and only its bytes are freed', () => {
  const asked = [
    finding('gone', 'info', { fixable: true, bytes: 10 }),
    finding('there', 'info', { fixable: true, bytes: 5 }),
    finding('hopeless', 'info', { fixable: true, bytes: 1 }),
  ]
  const after = [
    finding('there', 'info', { fixable: true, bytes: 5 }),
    finding('hopeless', 'info'),
    finding('new', 'info', { fixable: true }),
  ]
  expect(mended(asked, after)).toEqual({ asked: 3, fixed: 2, freedBytes: 11 })
  expect(bytesOf([])).toBe(0)
})

it('of settings that say the same name the last holds, but no default beats one that was set', () => {
  const settings = [
    { name: 'a', value: 1, source: 'file' as const },
    { name: 'b', value: 2, source: 'default' as const },
    { name: 'a', value: 3, source: 'state' as const },
    { name: 'b', value: null, source: 'state' as const },
    { name: 'a', value: 9, source: 'default' as const },
  ]
  expect(inForce(settings).map(({ name, value }) => [name, value])).toEqual([
    ['a', 3],
    ['b', null],
  ])
  expect(valueNamed(settings, 'a')).toBe(3)
  expect(valueNamed(settings, 'c')).toBeUndefined()
  expect([null, undefined, ['x', 'y'], { a: 1 }, true, 'z', 0].map(valueText)).toEqual(['', '', 'x, y', '{"a":1}', 'true', 'z', '0'])
})

const nothing: Capabilities = {
  load: 'none',
  loadProgress: false,
  unload: 'none',
  loadedState: false,
  reportsMemory: false,
  contextLength: 'fixed',
  gpuLayers: false,
  keepAlive: false,
  multipleModels: false,
  namesAnsweringModel: false,
  pull: false,
  import: 'none',
  remove: 'none',
  start: false,
}

it('says of an engine what it can do, and nothing that it cannot', () => {
  expect(abilities(nothing)).toEqual([])
  const all = abilities({ ...nothing, load: 'polled', unload: 'async', pull: true, import: 'place-file', start: true })
  expect(all).toHaveLength(5)
  expect(new Set(all).size).toBe(5)
})

it('starts only what can be started and does not run', () => {
  const able = { ...nothing, start: true }
  expect(canStart('stopped', able)).toBe(true)
  expect(canStart('stopped', nothing)).toBe(false)
  for (const state of ['ready', 'starting', 'not_installed', 'disabled', 'impostor'] as const) expect(canStart(state, able)).toBe(false)
})
