/** Switches and jobs as one history, and what of it is copied. */
import { describe, expect, it } from 'vitest'
import { detailsText } from '../../../web/src/panels/activity/copy-details.ts'
import { type Entry, everything, filtered, historyOf } from '../../../web/src/panels/activity/history.ts'
import type { Job, SwitchRecord } from '../../../web/src/sdk.ts'
import { scrub } from '../../../web/src/ui/scrub.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()
const record = (id: string, minute: number, more: Partial<SwitchRecord> = {}) => ({
  record: { id, slot: 'default', warnings: [], steps: [], startedAt: at(minute), ...more },
  steps: [],
})
const job = (id: string, minute: number, more: Partial<Job> = {}): Job => ({
  id,
  kind: 'ingest',
  state: 'running',
  stage: 'download',
  source: { repo: 'lab/Tiny-GGUF', quantization: 'Q4_0' },
  files: [],
  into: ['ollama'],
  bytesDone: 0,
  createdAt: at(minute),
  updatedAt: at(minute + 1),
  ...more,
})
const error = { code: 'load_failed', message: 'No.', hint: 'Yes.', retryable: false }

const history = historyOf(
  [
    record('running', 9),
    record('good', 5, { outcome: 'switched', endedAt: at(6) }),
    record('back', 3, { outcome: 'rolled_back', endedAt: at(5), error, slot: 'code' }),
    record('gone', 1, { outcome: 'superseded', endedAt: at(2) }),
  ],
  [job('j1', 8), job('j2', 4, { state: 'failed', error }), job('j3', 2, { state: 'succeeded' }), job('j4', 0, { state: 'cancelled' })],
)
const ids = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id)

describe('the history', () => {
  it('is one, the newest first', () => {
    expect(ids(history)).toEqual(['running', 'j1', 'good', 'j2', 'back', 'j3', 'gone', 'j4'])
  })

  it('knows how long it took, once it has ended', () => {
    expect(history.map(({ ms }) => ms && ms / 60_000)).toEqual([undefined, undefined, 1, 1, 2, 1, 1, 1])
  })

  it('is filtered by kind, outcome and slot', () => {
    expect(ids(filtered(history, everything))).toHaveLength(8)
    expect(ids(filtered(history, { ...everything, kind: 'job' }))).toEqual(['j1', 'j2', 'j3', 'j4'])
    expect(ids(filtered(history, { ...everything, ending: 'failed' }))).toEqual(['j2', 'back'])
    expect(ids(filtered(history, { ...everything, ending: 'running' }))).toEqual(['running', 'j1'])
    expect(ids(filtered(history, { ...everything, ending: 'ended' }))).toEqual(['gone', 'j4'])
    expect(ids(filtered(history, { ...everything, slot: 'code' }))).toEqual(['back'])
  })
})

describe('what is copied', () => {
  const token = `mdy_${'a1B2'.repeat(8)}`
  const hubToken = 'hf_AbCdEfGhIjKlMnOp'

  it.each([
    [`it said ${token} was wrong`, 'it said [redacted] was wrong'],
    [`HF_TOKEN=${hubToken}`, 'HF_TOKEN=[redacted]'],
    ['OPENAI_API_KEY: abcdef', 'OPENAI_API_KEY: [redacted]'],
    ['https://user:pass@host/file', 'https://[redacted]@host/file'],
    ['GET https://cdn.example/a.gguf?X-Amz-Signature=0a1b&x=2 failed', 'GET https://cdn.example/a.gguf?… failed'],
    ['open /home/ada/.cache/a.gguf', 'open ~/.cache/a.gguf'],
    ['open "/Users/ada/models"', 'open "~/models"'],
    ['C:\\Users\\ada\\models', '~\\models'],
    ['38.2 tokens per second', '38.2 tokens per second'],
    ['/srv/models/a.gguf of lab/Tiny-GGUF', '/srv/models/a.gguf of lab/Tiny-GGUF'],
  ])('%s', (text, safe) => {
    expect(scrub(text)).toBe(safe)
  })

  it('is everything that is known, without a secret at any depth', () => {
    const details = { url: `https://h.example/f?token=${hubToken}`, apiKey: 'plain', list: [{ authorization: 'Basic xyz' }], tokens: 12 }
    const [entry] = historyOf([record('s', 1, { outcome: 'rolled_back', error: { ...error, message: `with ${token}`, details } })], [])
    const text = detailsText(entry as Entry, '0.1.0')
    for (const secret of [token, hubToken, 'plain', 'xyz']) expect(text).not.toContain(secret)
    expect(JSON.parse(text)).toMatchObject({
      modelyard: '0.1.0',
      switch: { id: 's', outcome: 'rolled_back', error: { code: 'load_failed', details: { tokens: 12 } } },
      steps: [],
    })
  })

  it('has the whole of a job', () => {
    const [entry] = historyOf([], [job('j', 1, { state: 'failed', error, source: { path: '/home/ada/a.gguf' } })])
    expect(JSON.parse(detailsText(entry as Entry, ''))).toMatchObject({ job: { id: 'j', error, source: { path: '~/a.gguf' } } })
  })
})
