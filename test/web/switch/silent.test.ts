/** Engines whose models are not all in the list. */
import { describe, expect, it } from 'vitest'
import { silentOf } from '../../../web/src/panels/switch/silent.ts'
import type { ProviderInfo } from '../../../web/src/sdk.ts'

const engine = (state: ProviderInfo['state'], more: Partial<ProviderInfo> = {}, start = false): ProviderInfo =>
  ({ id: 'e', kind: 'ollama', state, capabilities: { start }, loaded: [], ...more }) as unknown as ProviderInfo

describe('a silent engine', () => {
  it('is told with why and what to do, and can be started where it is stopped and we know how', () => {
    const error = { code: 'provider_stopped', message: 'nothing listens' }
    expect(silentOf([engine('stopped', { error, hint: 'start it' }, true)], [])).toEqual([
      { id: 'e', state: 'stopped', message: 'nothing listens', hint: 'start it', canStart: true },
    ])
    expect(silentOf([engine('stopped')], [])[0]?.canStart).toBe(false)
    expect(silentOf([engine('unreachable', {}, true)], [])[0]?.canStart).toBe(true)
    expect(silentOf([engine('impostor', {}, true)], [])[0]?.canStart).toBe(false)
  })

  it('is one that answers but could not list its models, and none that is not there or switched off', () => {
    const failed = { id: 'e', state: 'ready' as const, error: { code: 'timeout', message: 'took too long' } }
    expect(silentOf([engine('ready')], [failed])).toMatchObject([{ state: 'ready', message: 'took too long' }])
    expect(silentOf([engine('ready')], [{ id: 'e', state: 'ready' }])).toEqual([])
    expect(silentOf([engine('not_installed'), engine('disabled')], [])).toEqual([])
  })

  it('is not told by what it said before it came back', () => {
    const before = { id: 'e', state: 'stopped' as const, error: { code: 'provider_stopped', message: 'nothing listens' } }
    expect(silentOf([engine('ready')], [before])).toEqual([])
  })
})
