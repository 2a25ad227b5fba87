import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchSilence } from '../../src/client/silence.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

describe('a silence', () => {
  const scene = () => {
    const told = vi.fn()
    const watch = watchSilence(45_000, told)
    watch.heard()
    return { told, watch }
  }

  it('is told once, and counts from what was heard last', () => {
    const { told, watch } = scene()
    vi.advanceTimersByTime(40_000)
    watch.heard()
    vi.advanceTimersByTime(40_000)
    expect(told).not.toHaveBeenCalled()
    vi.advanceTimersByTime(120_000)
    expect(told).toHaveBeenCalledOnce()
  })

  it('is found although the clock was set back meanwhile', () => {
    const { told } = scene()
    vi.setSystemTime(Date.now() - 24 * 3_600_000)
    vi.advanceTimersByTime(60_000)
    expect(told).toHaveBeenCalledOnce()
  })

  it('is none where nothing is awaited, and no timer is left', () => {
    const { told, watch } = scene()
    watch.rest()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(120_000)
    expect(told).not.toHaveBeenCalled()
  })
})
