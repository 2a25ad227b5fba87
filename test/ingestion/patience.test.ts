import { describe, expect, it } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'
import { patiently, type Reasons, whileFetching, whileImporting, whileResolving } from '../../src/ingestion/patience.ts'

function waiting(reasons: Reasons = { ...whileFetching, ...whileImporting }) {
  const said: (string | undefined)[] = []
  const stop = new AbortController()
  return {
    said,
    stop,
    options: { reasons, patience: { pauseMs: [0, 1] as const }, signal: stop.signal, onWait: (reason?: string) => void said.push(reason) },
  }
}

describe('patience', () => {
  it('waits for what passes by itself, says for what, and goes on', async () => {
    const { said, options } = waiting()
    const failures = [
      new ModelyardError('hub_unreachable'),
      new ModelyardError('rate_limited', undefined, { details: { retryAfterMs: 0 } }),
      new ModelyardError('disk_full'),
    ]
    const done = await patiently(options, async () => {
      const failure = failures.shift()
      if (failure) throw failure
      return 'done'
    })
    expect([done, said]).toEqual(['done', ['network', undefined, 'rate-limit', undefined, 'disk', undefined]])
  })

  it('ends with what does not', async () => {
    const { said, options } = waiting()
    await expect(patiently(options, () => Promise.reject(new ModelyardError('hash_mismatch')))).rejects.toMatchObject({
      code: 'hash_mismatch',
    })
    expect(said).toEqual([])
  })

  it('what the preflight finds is no reason to wait', async () => {
    for (const code of ['gated', 'disk_full', 'repo_not_found'] as const) {
      const { options } = waiting(whileResolving)
      await expect(patiently(options, () => Promise.reject(new ModelyardError(code)))).rejects.toMatchObject({ code })
    }
  })

  it('ends at once when it is aborted while it waits', async () => {
    const { stop, options } = waiting()
    const long = { ...options, patience: { pauseMs: [60_000, 60_000] as const }, onWait: () => stop.abort(new ModelyardError('cancelled')) }
    await expect(patiently(long, () => Promise.reject(new ModelyardError('hub_unreachable')))).rejects.toMatchObject({ code: 'cancelled' })
  })
})
