import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'
import { withinTime } from '../../src/platform/within-time.ts'

const late = () => new ModelyardError('timeout', 'Too late.')
const never = () => new Promise<never>(() => {})

describe('work within a time', () => {
  it('is its result, and nothing stays at the signal', async () => {
    const { signal } = new AbortController()
    for (let i = 0; i < 5; i++) expect(await withinTime({ signal, ms: 60_000, late }, async () => i)).toBe(i)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('is its own failure', async () => {
    const { signal } = new AbortController()
    await expect(withinTime({ signal, ms: 60_000, late }, async () => Promise.reject(new RangeError('own')))).rejects.toThrow('own')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('that does not heed its signal is left when the time has passed', async () => {
    let seen: AbortSignal | undefined
    const work = (bounded: AbortSignal): Promise<never> => {
      seen = bounded
      return never()
    }
    await expect(withinTime({ signal: new AbortController().signal, ms: 1, late }, work)).rejects.toMatchObject({ code: 'timeout' })
    expect(seen?.aborted).toBe(true)
  })

  it('fails with the reason of an abort, whatever the work makes of it', async () => {
    const leaving = new AbortController()
    const work = (bounded: AbortSignal): Promise<never> =>
      new Promise((_, reject) => bounded.addEventListener('abort', () => reject(new TypeError('confused'))))
    const failed = withinTime({ signal: leaving.signal, ms: 60_000, late }, work)
    leaving.abort(new ModelyardError('superseded'))
    await expect(failed).rejects.toMatchObject({ code: 'superseded' })
  })

  it('is not begun when the signal has aborted', async () => {
    let begun = false
    const work = async (): Promise<void> => {
      begun = true
    }
    await expect(withinTime({ signal: AbortSignal.abort(), ms: 1, late }, work)).rejects.toMatchObject({ code: 'cancelled' })
    expect(begun).toBe(false)
  })
})
