/** Jobs in words, and how far all of them are. */
import { beforeAll, describe, expect, it } from 'vitest'
import { newsOf, titleOf } from '../../../web/src/panels/get/job-news.ts'
import { isFetching, jobName, measureOf, quantizationOf, requestAgain, stateOf } from '../../../web/src/panels/get/job-words.ts'
import { jobsShown } from '../../../web/src/panels/get/jobs-shown.ts'
import type { Job } from '../../../web/src/sdk.ts'
import { setLocale } from '../../../web/src/text/numbers.ts'

const at = '2026-11-25T12:00:00.000Z'
const job = (over: Partial<Job> = {}): Job => ({
  id: 'a',
  kind: 'ingest',
  state: 'running',
  stage: 'download',
  source: { repo: 'lab/Tiny-GGUF', quantization: 'Q4_K_M' },
  files: [],
  into: [],
  bytesDone: 1.2e9,
  bytesTotal: 5.2e9,
  createdAt: at,
  updatedAt: at,
  ...over,
})
const plan = {
  kind: 'ingest',
  source: { catalog: 'qwen3-8b' },
  files: [],
  downloadBytes: 0,
  imports: [],
  volumes: [],
  warnings: [],
} as const

beforeAll(() => setLocale('en'))

describe('a job in words', () => {
  it('is named by what is got', () => {
    expect(jobName(job())).toBe('lab/Tiny-GGUF')
    expect(jobName(job({ source: { catalog: 'qwen3-8b' } }))).toBe('qwen3-8b')
    expect(
      jobName(
        job({
          source: { catalog: 'qwen3-8b' },
          plan: { ...plan, repo: 'lab/Qwen-GGUF', warnings: [], files: [], imports: [], volumes: [] },
        }),
      ),
    ).toBe('lab/Qwen-GGUF')
    expect(jobName(job({ source: { name: 'qwen3:8b', from: 'ollama' } }))).toBe('qwen3:8b')
    expect(jobName(job({ source: { path: 'C:\\models\\x.gguf' } }))).toBe('x.gguf')
    expect(jobName(job({ source: { ref: 'ollama/a' } }))).toBe('ollama/a')
    expect(quantizationOf(job())).toBe('Q4_K_M')
  })

  it('has a name that cannot turn its neighbours around or fill the page', () => {
    const name = jobName(job({ source: { name: `a\u202e${'b'.repeat(100_000)}`, from: 'ollama' } }))
    expect(name).toHaveLength(200)
    expect(name).not.toContain('\u202e')
  })

  it.each([
    [{ state: 'running', stage: 'import' }, 'plain', 'giving it to the engines'],
    [{ state: 'paused' }, 'muted', 'paused'],
    [{ state: 'waiting', waitingFor: 'turn' }, 'muted', 'waiting for its turn'],
    [{ state: 'waiting', waitingFor: 'disk' }, 'warn', 'waiting for space on the disk'],
    [{ state: 'failed' }, 'bad', 'failed'],
    [{ state: 'succeeded' }, 'good', 'done'],
  ] as const)('%j is %s: %s', (over, tone, words) => expect(stateOf(job(over))).toMatchObject({ tone, text: words }))

  it('says for every wait what to do', () => {
    for (const waitingFor of ['turn', 'network', 'sign-in', 'disk', 'rate-limit'] as const)
      expect(stateOf(job({ state: 'waiting', waitingFor })).advice).toMatch(/\.$/)
  })

  it('says speed and time left only while it moves and knows them', () => {
    const moving = { bytesPerSecond: 9.4e6, secondsLeft: 200 }
    expect(measureOf(job(moving))).toEqual(['1.2 GB of 5.2 GB', '9.4 MB/s', '3 min 20 sec left'])
    expect(measureOf(job())).toEqual(['1.2 GB of 5.2 GB'])
    expect(measureOf(job({ ...moving, state: 'paused' }))).toEqual(['1.2 GB of 5.2 GB'])
    expect(measureOf(job({ ...moving, secondsLeft: 0 }))).toEqual(['1.2 GB of 5.2 GB', '9.4 MB/s'])
    const { bytesTotal: _, ...unknown } = job()
    expect(measureOf(unknown)).toEqual(['1.2 GB so far'])
  })

  it('has a bar while bytes are what it is about', () => {
    expect(isFetching(job())).toBe(true)
    expect(isFetching(job({ state: 'paused' }))).toBe(true)
    expect(isFetching(job({ bytesDone: 0 }))).toBe(true)
    expect(isFetching(job({ bytesDone: 0, stage: 'preflight' }))).toBe(false)
    expect(isFetching(job({ bytesDone: 0, state: 'waiting', waitingFor: 'turn' }))).toBe(false)
    expect(isFetching(job({ stage: 'check', bytesDone: 5.2e9 }))).toBe(false)
    expect(isFetching(job({ state: 'failed' }))).toBe(false)
  })

  it('is asked for again as it was', () => {
    const source = { repo: 'lab/Tiny-GGUF', quantization: 'Q4_K_M' }
    expect(requestAgain(job())).toEqual(source)
    const planned = { ...plan, source, warnings: [], files: [], imports: [], volumes: [] }
    expect(requestAgain(job({ into: ['ollama'], plan: planned }))).toEqual({ ...source, into: ['ollama'], switch: false })
    expect(requestAgain(job({ plan: { ...planned, switch: 'default' } }))).toEqual({ ...source, switch: 'default' })
  })
})

describe('the title of the tab', () => {
  it('adds up what is fetching, in bytes', () => {
    expect(titleOf([job(), job({ id: 'b', bytesDone: 1e9, bytesTotal: 1.4e9 })])).toBe('33% · 2.2 GB of 6.6 GB')
  })
  it('says nothing where nothing moves or nobody knows how much it is', () => {
    const { bytesTotal: _, ...unknown } = job()
    expect(titleOf([unknown, job({ state: 'paused' }), job({ stage: 'import' }), job({ state: 'succeeded' })])).toBeUndefined()
  })
  it('says no whole before it is', () => expect(titleOf([job({ bytesDone: 5.1999e9 })])).toBe('99% · 5.2 GB of 5.2 GB'))
})

describe('what is announced', () => {
  it('is every quarter, an end and a wait, and nothing between', () => {
    const told = [0, 0.1, 0.3, 0.4, 0.55, 0.8, 1].map((share) => job({ bytesDone: share * 5.2e9 }))
    const news = told.slice(1).map((now, index) => newsOf(told[index] ?? now, now))
    expect(news).toEqual([
      undefined,
      'lab/Tiny-GGUF: 30%, 1.6 GB of 5.2 GB',
      undefined,
      'lab/Tiny-GGUF: 55%, 2.9 GB of 5.2 GB',
      'lab/Tiny-GGUF: 80%, 4.2 GB of 5.2 GB',
      'lab/Tiny-GGUF: 100%, 5.2 GB of 5.2 GB',
    ])
    expect(newsOf(job(), job({ state: 'waiting', waitingFor: 'network' }))).toBe('lab/Tiny-GGUF: waiting for the network')
    expect(newsOf(job(), job({ state: 'succeeded' }))).toBe('lab/Tiny-GGUF is here.')
    const error = { code: 'disk_full', message: 'The disk is full.', hint: '', retryable: false }
    expect(newsOf(job(), job({ state: 'failed', error }))).toBe('lab/Tiny-GGUF failed: The disk is full.')
    expect(newsOf(job({ state: 'succeeded' }), job({ state: 'succeeded' }))).toBeUndefined()
  })
})

describe('the jobs that are shown', () => {
  const now = Date.parse(at)
  const ended = (id: string, hoursAgo: number) =>
    job({ id, state: 'succeeded', updatedAt: new Date(now - hoursAgo * 3_600_000).toISOString() })
  it('are all that go on, and what ended lately and was not hidden', () => {
    const jobs = [
      ended('new', 1),
      job({ id: 'runs', state: 'paused', updatedAt: '2026-01-01T00:00:00.000Z' }),
      ended('hidden', 1),
      ended('old', 30),
    ]
    expect(jobsShown(jobs, new Set(['hidden', 'runs']), now)).toEqual({ running: ['runs'], ended: ['new'], more: false })
  })
  it('are not all of a long day', () => {
    const many = Array.from({ length: 9 }, (_, index) => ended(`${index}`, 1))
    expect(jobsShown(many, new Set(), now)).toMatchObject({ ended: ['0', '1', '2', '3', '4', '5'], more: true })
  })
})
