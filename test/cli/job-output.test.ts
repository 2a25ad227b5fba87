import { describe, expect, it } from 'vitest'
import { exitOfJob } from '../../src/cli/exit-codes.ts'
import { ioOf } from '../../src/cli/io.ts'
import { jobView } from '../../src/cli/job-view.ts'
import { pairLines } from '../../src/cli/pairs.ts'
import { planPairs } from '../../src/cli/plan-pairs.ts'
import { shortIds } from '../../src/cli/short-id.ts'
import { showJobEnd } from '../../src/cli/show-job-end.ts'
import type { YardEvent } from '../../src/client/index.ts'
import { type Job, type JobPlan, ModelyardError } from '../../src/contract/index.ts'

function recorder({ live = false, json = false, columns = 80 } = {}) {
  const said = { out: '', err: '' }
  const write = (to: 'out' | 'err') => (text: string) => {
    said[to] += text
  }
  const io = ioOf(
    { stdin: {}, stdout: { write: write('out') }, stderr: { isTTY: live, columns, write: write('err') } },
    { NO_COLOR: '1' },
    json,
  )
  return { io, said }
}

const at = '2026-01-01T00:00:00.000Z'
const job = (more: Partial<Job> = {}): Job => ({
  id: '3f2a0000-1',
  kind: 'ingest',
  state: 'running',
  stage: 'download',
  source: { repo: 'pub/Tiny-GGUF', quantization: 'Q4_K_M' },
  files: [],
  into: ['ollama'],
  bytesDone: 0,
  createdAt: at,
  updatedAt: at,
  ...more,
})
const stage = (more: Partial<Job>): YardEvent => ({ type: 'job.stage', seq: 1, at, id: job(more).id, job: job(more) })
const progress = (bytesDone: number, more: object = {}): YardEvent =>
  ({ type: 'job.progress', seq: 1, at, id: job().id, stage: 'download', bytesDone, bytesTotal: 4e9, ...more }) as YardEvent
const finished = (more: Partial<Job>): YardEvent => ({ type: 'job.finished', seq: 1, at, job: job(more) })

describe('a job as it goes', () => {
  const play = (options: Parameters<typeof recorder>[0], ...events: YardEvent[]) => {
    const { io, said } = recorder(options)
    const view = jobView(io)
    view.begin(job({ stage: 'resolve' }))
    for (const event of events) view.show(event)
    return said
  }

  it('is a line where something begins or changes, where there is no terminal', () => {
    const { out, err } = play(
      {},
      stage({ stage: 'preflight' }),
      stage({ stage: 'download', bytesTotal: 4e9 }),
      progress(1e9, { bytesPerSecond: 5e7, secondsLeft: 60 }),
      progress(2e9),
      stage({ stage: 'download', state: 'waiting', waitingFor: 'network', bytesTotal: 4e9 }),
      stage({ stage: 'download', bytesTotal: 4e9 }),
      progress(3e9, { note: 'a block was fetched again' }),
      stage({ stage: 'verify' }),
      finished({ state: 'succeeded', stage: 'done' }),
    )
    expect(out).toBe('')
    expect(err).toBe(
      [
        '  looking it up',
        '  looking at space and engines',
        '  downloading 4 GB',
        '  waiting for the network',
        '  downloading 4 GB',
        '  downloading 4 GB (a block was fetched again)',
        '  asking it something',
        '',
      ].join('\n'),
    )
  })

  it('is a bar with bytes, speed and time on a terminal, over the line before; a stage that is done stays', () => {
    const { err } = play(
      { live: true },
      stage({ stage: 'download', bytesTotal: 4e9 }),
      progress(1e9, { bytesPerSecond: 5e7, secondsLeft: 60 }),
      progress(3e9, { bytesPerSecond: 5e7, secondsLeft: 20, note: 'slow lane left' }),
      stage({ stage: 'check', bytesTotal: 4e9, bytesDone: 4e9 }),
      finished({ state: 'failed', stage: 'check' }),
    )
    expect(err).toContain(`\x1b[1A\x1b[J  ◌ downloading  ${'█'.repeat(5)}${'░'.repeat(15)}  1 GB of 4 GB  50 MB/s  1 min left\n`)
    expect(err).toContain(`downloading (slow lane left)  ${'█'.repeat(15)}${'░'.repeat(5)}  3 GB of 4 GB`)
    const left = err.split('\x1b[1A\x1b[J').map((part) => part.split('\n')[0])
    expect(left.filter((line) => /✓|✗/.test(line ?? ''))).toEqual(['  ✓ found', '  ✓ downloaded  4 GB', '  ✗ checking'])
    expect(err.endsWith('  ✗ checking\n')).toBe(true)
  })

  it('never wraps, and obeys nothing that is written in it', () => {
    const { err } = play({ live: true, columns: 40 }, progress(1e9, { note: `x\x1b[2J${'y'.repeat(100)}` }))
    expect(err).not.toContain('\x1b[2J')
    for (const line of err.replaceAll('\x1b[1A\x1b[J', '').split('\n')) expect([...line].length).toBeLessThan(40)
  })

  it('is whole on a terminal that does not know its width', () => {
    expect(play({ live: true, columns: 0 }, progress(1e9)).err).toContain('1 GB of 4 GB\n')
  })

  it('has a bar only while bytes are to come', () => {
    const { err } = play({ live: true }, progress(4e9), stage({ stage: 'verify', bytesDone: 4e9, bytesTotal: 4e9 }))
    expect(err.endsWith('  ◌ asking it something\n')).toBe(true)
  })

  it('says that it is paused, and for what it waits', () => {
    expect(play({}, stage({ state: 'paused' })).err).toContain('  paused\n')
    for (const [reason, words] of [
      ['turn', 'its turn'],
      ['sign-in', 'a sign-in'],
      ['disk', 'space on the disk'],
      ['rate-limit', 'too many requests'],
    ] as const)
      expect(play({}, stage({ state: 'waiting', waitingFor: reason })).err).toContain(words)
  })

  it('is an event on each line with --json', () => {
    const { out, err } = play(
      { json: true },
      { type: 'heartbeat', seq: 0, at },
      progress(1),
      finished({ state: 'succeeded', stage: 'done' }),
    )
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { type: 'job.progress', bytesDone: 1 },
      { type: 'job.finished', job: { state: 'succeeded' } },
    ])
    expect(err).toBe('')
  })

  it('of several have a line each', () => {
    const { io, said } = recorder({ live: true })
    const view = jobView(io, { several: true })
    view.begin(job({ id: 'aaaaaaaa-1', bytesTotal: 10 }))
    view.begin(job({ id: 'bbbbbbbb-1', bytesTotal: 10 }))
    view.show({ ...progress(5, { bytesTotal: 10 }), id: 'aaaaaaaa-1' } as YardEvent)
    const last = said.err.split('\x1b[J').at(-1)
    expect(last).toMatch(/^ {2}◌ aaaaaaaa {2}downloading .* 5 B of 10 B\n {2}◌ bbbbbbbb {2}downloading .*\n$/)
    view.end()
    expect(said.err.endsWith('\x1b[2A\x1b[J')).toBe(true)
  })
})

describe('a plan', () => {
  const plan: JobPlan = {
    kind: 'ingest',
    source: { repo: 'pub/Tiny-GGUF' },
    repo: 'pub/Tiny-GGUF',
    commit: '0123456789abcdef0123456789abcdef01234567',
    quantization: 'Q4_K_M',
    choice: 'The largest that fits wholly on the GPU.',
    licence: 'apache-2.0',
    architecture: 'qwen3',
    contextLength: 40_960,
    template: true,
    fit: { verdict: 'gpu', text: 'weights 4 GB, 12 GB are free' },
    files: [
      { path: 'tiny-Q4_K_M.gguf', bytes: 4e9, role: 'weights', from: 'download' },
      { path: 'mmproj.gguf', bytes: 5e8, role: 'projector', from: 'link', already: '/models/mmproj.gguf' },
    ],
    downloadBytes: 4e9,
    imports: [
      { provider: 'lmstudio', strategy: 'hard-link', reason: 'the same volume', extraBytes: 0 },
      { provider: 'ollama', strategy: 'registry-copy', reason: 'another volume', name: 'tiny:q4_k_m', extraBytes: 4.5e9 },
      { provider: 'embedded', strategy: 'present', reason: 'it is there' },
    ],
    volumes: [{ path: '/models', neededBytes: 4e9, freeBytes: 1e11 }],
    switch: 'default',
    warnings: [],
  }
  const shown = (more: Partial<JobPlan>): string => pairLines(planPairs({ ...plan, ...more }), { dim: (text) => String(text) }).join('\n')

  it('says what, from where, how big, what lies here, how each engine gets it, and what follows', () => {
    expect(shown({})).toBe(
      [
        'get       pub/Tiny-GGUF Q4_K_M',
        'commit    0123456789ab',
        'because   The largest that fits wholly on the GPU.',
        'licence   apache-2.0',
        'model     qwen3, context 40k, brings a chat template',
        'fits      on the GPU: weights 4 GB, 12 GB are free',
        'file      tiny-Q4_K_M.gguf  4 GB',
        'file      mmproj.gguf  500 MB  projector  on this machine already: /models/mmproj.gguf',
        'download  4 GB',
        'into      lmstudio by a hard link, no further space (the same volume)',
        'into      ollama by its own pull, with a second copy, as tiny:q4_k_m, 4.5 GB more (another volume)',
        'into      embedded has it already (it is there)',
        'disk      4 GB of 100 GB free at /models',
        'then      the slot default is switched to it',
      ].join('\n'),
    )
  })

  it('leaves out what is not known, and guesses no size', () => {
    const text = shown({
      source: { name: 'qwen3:8b', from: 'ollama' },
      repo: undefined,
      commit: undefined,
      quantization: undefined,
      fit: undefined,
      architecture: undefined,
      contextLength: undefined,
      template: undefined,
      switch: undefined,
      files: [],
      downloadBytes: 0,
      imports: [{ provider: 'ollama', strategy: 'engine-pull', reason: 'by its own name' }],
      volumes: [{ path: '/x', neededBytes: 0 }],
    })
    expect(text).toMatch(/get +ollama: qwen3:8b\n/)
    expect(text).toMatch(/download +by the engine itself\n/)
    expect(text).toMatch(/into +ollama fetches it itself, its cost on disk is not known /)
    expect(text).not.toMatch(/^(?:model|fits|commit|then|disk) |undefined|NaN/m)
    expect(shown({ downloadBytes: 0 })).toMatch(/download +nothing: all of it is here/)
  })

  it('obeys nothing that is written in it', () => expect(shown({ licence: 'mit\x1b[2J' })).toContain('mit\\x1b[2J'))
})

describe('how a job ended', () => {
  const ended = (more: Partial<Job>) => {
    const { io, said } = recorder()
    showJobEnd(io, job(more))
    return said
  }
  const refs = [
    { ref: 'ollama/tiny', verified: true },
    { ref: 'lmstudio/tiny', verified: false, reason: 'the server is not running' },
  ]

  it('names each model, verified or why not', () => {
    expect(ended({ state: 'succeeded', result: { refs, verified: false } })).toEqual({
      out: 'ollama/tiny · verified: it answered\nlmstudio/tiny · not verified: the server is not running\n',
      err: '',
    })
  })

  it('names what failed, what to do, and what is there all the same', () => {
    const error = new ModelyardError('import_failed', 'LM Studio did not take it.').toBody()
    const { out, err } = ended({ state: 'failed', error, result: { refs: refs.slice(0, 1), verified: true } })
    expect(out).toBe('ollama/tiny · verified: it answered\n')
    expect(err).toMatch(/^modelyard: LM Studio did not take it\.\n {2}→ .*--into/)
  })

  it('names the page to open for what is gated', () => {
    const gated = (hint?: string) =>
      ended({
        state: 'failed',
        error: new ModelyardError('gated', 'A licence.', { hint, details: { url: 'https://hub.example/pub/x' } }).toBody(),
      }).err
    expect(gated().split('hub.example')).toHaveLength(2)
    expect(gated('Open https://hub.example/pub/x, and accept.').split('hub.example')).toHaveLength(2)
  })

  it('gives the exit code of its error, of its switch, or none', () => {
    const failed = (code: string) => exitOfJob({ state: 'failed', error: { code, message: '', hint: '', retryable: false } })
    expect(['gated', 'disk_full', 'repo_not_found', 'hub_unreachable', 'hash_mismatch', 'of a newer version'].map(failed)).toEqual([
      10, 8, 3, 7, 1, 1,
    ])
    expect(exitOfJob({ state: 'failed' })).toBe(1)
    expect(exitOfJob({ state: 'cancelled' })).toBe(130)
    expect(exitOfJob({ state: 'succeeded', result: { refs, verified: false } })).toBe(0)
    const result = { refs, verified: true, switch: { outcome: 'rolled_back' } as never }
    expect(exitOfJob({ state: 'succeeded', result })).toBe(5)
  })
})

describe('short ids', () => {
  it('are as short as they can be and name one each', () => {
    const short = shortIds([job({ id: 'aaaaaaaa-1111' }), job({ id: 'aaaaaaaa-1222' }), job({ id: 'b' })])
    expect(['aaaaaaaa-1111', 'aaaaaaaa-1222', 'b'].map(short)).toEqual(['aaaaaaaa-11', 'aaaaaaaa-12', 'b'])
    expect(shortIds([])('3f2a0000-1')).toBe('3f2a0000')
  })
})
