/** What requests cost: counted exactly, told every ten seconds while there is something to tell, kept for a day. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMetrics } from '../../src/api/metrics.ts'
import { type EventInput, mergeSamples, type UsageSample, usageSample } from '../../src/contract/index.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { createUsage, type Usage } from '../../src/yard/usage.ts'
import { createUsageHistory } from '../../src/yard/usage-history.ts'
import type { ChatClient } from '../../src/yard/yard.ts'
import { testYard } from '../support/test-yard.ts'

const start = Date.parse('2026-01-01T00:00:00Z')

describe('the meter', () => {
  let told: UsageSample[]
  let usage: Usage

  beforeEach(() => {
    vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
    told = []
    usage = createUsage({
      emit: (event: EventInput) => void (event.type === 'usage.sample' && told.push(usageSample.parse(event.sample))),
      now: Date.now,
    })
  })
  afterEach(() => {
    usage.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const request = { slot: 'default', ref: 'ollama/a', route: 'openai.chat' }

  it('counts requests by outcome, times, tokens and leases, and tells it once', () => {
    const [one, two, three] = [usage.meter.begin({ ...request, waitedMs: 300 }), usage.meter.begin(request), usage.meter.begin(request)]
    vi.advanceTimersByTime(100)
    one.firstToken()
    vi.advanceTimersByTime(200)
    two.firstToken()
    two.firstToken()
    vi.advanceTimersByTime(1000)
    one.end({ outcome: 'ok', promptTokens: 7, completionTokens: 25 })
    one.end({ outcome: 'internal', completionTokens: 1000 })
    two.end({ outcome: 'left', completionTokens: 3 })
    three.end({ outcome: 'provider_unreachable' })
    expect(told).toEqual([])
    vi.advanceTimersByTime(10_000)
    expect(told).toEqual([
      {
        from: '2026-01-01T00:00:00.000Z',
        seconds: 10,
        slot: 'default',
        ref: 'ollama/a',
        requests: 3,
        ok: 1,
        left: 1,
        errors: { provider_unreachable: 1 },
        promptTokens: 7,
        completionTokens: 28,
        firstTokenMs: { count: 2, mean: 200, max: 300 },
        // 24 tokens in 1.2 s and 2 in 1 s.
        tokensPerSecond: 11.82,
        waitMs: { count: 1, mean: 300, max: 300 },
        leases: 3,
        waiting: 0,
      },
    ])
    expect(usage.samples()).toEqual(told)
    expect(vi.getTimerCount(), 'nothing when idle').toBe(0)
  })

  it('tells of a request for as long as it runs, and then no more', () => {
    const running = usage.meter.begin(request)
    vi.advanceTimersByTime(35_000)
    running.end({ outcome: 'ok', completionTokens: 2 })
    vi.advanceTimersByTime(3_600_000)
    expect(told.map(({ from, leases, requests }) => [from.slice(14, 19), leases, requests])).toEqual([
      ['00:00', 1, 0],
      ['00:10', 1, 0],
      ['00:20', 1, 0],
      ['00:30', 1, 1],
    ])
  })

  it('begins its seconds anew after a rest', () => {
    usage.meter.refused({ route: 'ollama.chat', outcome: 'model_not_found' })
    vi.advanceTimersByTime(63_000)
    usage.meter.begin(request).end({ outcome: 'ok' })
    vi.advanceTimersByTime(10_000)
    expect(told).toMatchObject([
      { from: '2026-01-01T00:00:00.000Z', errors: { model_not_found: 1 }, requests: 1 },
      { from: '2026-01-01T00:01:00.000Z', ok: 1, requests: 1 },
    ])
    expect([told[0]?.slot, told[0]?.ref]).toEqual([undefined, undefined])
  })

  it('counts who waits, how long, and who was refused', () => {
    const waiting = Array.from({ length: 5 }, () => usage.meter.queue(request))
    vi.advanceTimersByTime(2000)
    expect(waiting[0]?.admitted()).toBe(2000)
    waiting[1]?.refused('queue_timeout')
    waiting[1]?.refused('queue_timeout')
    vi.advanceTimersByTime(8000)
    expect(told).toMatchObject([{ slot: 'default', waiting: 5, errors: { queue_timeout: 1 }, requests: 1, leases: 0 }])
    expect(told[0]).not.toHaveProperty('ref')
    for (const one of waiting.slice(2)) one.refused('left')
    vi.advanceTimersByTime(10_000)
    expect(told[1]).toMatchObject({ waiting: 3, left: 3 })
  })

  it('is bounded: what comes late is counted together, and nothing is lost', () => {
    for (let count = 0; count < 1000; count += 1) usage.meter.begin({ ...request, ref: `ollama/m${count}` }).end({ outcome: 'ok' })
    expect(usage.meter.totals()).toHaveLength(257)
    vi.advanceTimersByTime(10_000)
    expect(told.reduce((sum, { ok }) => sum + ok, 0)).toBe(1000)
    expect(told.find(({ ref }) => ref === undefined)).toMatchObject({ ok: 744 })
  })

  it('is silent once it is closed', () => {
    const running = usage.meter.begin(request)
    usage.close()
    running.end({ outcome: 'interrupted' })
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([])
  })
})

describe('samples of a day', () => {
  const sample = (time: number, more: Partial<UsageSample> = {}): UsageSample => ({
    from: new Date(time).toISOString(),
    seconds: 10,
    slot: 'default',
    ref: 'ollama/a',
    requests: 2,
    ok: 1,
    left: 0,
    errors: { timeout: 1 },
    promptTokens: 1,
    completionTokens: 10,
    leases: 1,
    waiting: 0,
    ...more,
  })

  it('are by the minute when they are older than an hour, and gone after a day, with every request counted once', () => {
    let time = start
    const history = createUsageHistory(() => time)
    for (let count = 0; count < 25 * 360; count += 1) {
      history.add(sample(time))
      history.add(sample(time, { ref: 'ollama/b' }))
      time += 10_000
    }
    const kept = history.list({})
    expect(kept.filter(({ seconds }) => seconds === 10)).toHaveLength(2 * 360)
    expect(kept.filter(({ seconds }) => seconds === 60)).toHaveLength(2 * 23 * 60)
    expect(kept.reduce((sum, { requests }) => sum + requests, 0)).toBe(24 * 360 * 2 * 2)
    expect(kept.every(({ from }, at) => at === 0 || from >= (kept[at - 1]?.from ?? ''))).toBe(true)
    expect(kept[0]).toMatchObject({ from: new Date(time - 24 * 3_600_000).toISOString(), errors: { timeout: 6 } })
    time += 25 * 3_600_000
    expect(history.list({})).toEqual([])
  })

  it('are those that were asked for', () => {
    const history = createUsageHistory(() => start)
    for (let count = 0; count < 10; count += 1) history.add(sample(start + count * 10_000, { slot: count % 2 ? 'code' : 'default' }))
    expect(history.list({ since: '2026-01-01T01:00:50+01:00' })).toHaveLength(5)
    expect(history.list({ slot: 'code', since: '2026-01-01T00:00:50Z' })).toHaveLength(3)
    expect(history.list({ slot: 'other' })).toEqual([])
  })

  it('are never more than the limit', () => {
    const history = createUsageHistory(() => start, 50)
    for (let count = 0; count < 500; count += 1) history.add(sample(start, { ref: `ollama/${count}` }))
    expect(history.list({}).map(({ ref }) => ref)).toEqual(Array.from({ length: 50 }, (_, at) => `ollama/${450 + at}`))
  })

  it('merge into what one sample of both would have been', () => {
    const a = sample(start, { completionTokens: 100, tokensPerSecond: 10, firstTokenMs: { count: 1, mean: 100, max: 100 }, leases: 4 })
    const b = sample(start + 10_000, {
      completionTokens: 100,
      tokensPerSecond: 40,
      firstTokenMs: { count: 3, mean: 500, max: 900 },
      errors: { timeout: 2, internal: 1 },
    })
    expect(mergeSamples(a, b)).toMatchObject({
      from: a.from,
      requests: 4,
      errors: { timeout: 3, internal: 1 },
      tokensPerSecond: 16,
      firstTokenMs: { count: 4, mean: 400, max: 900 },
      leases: 4,
    })
    expect(mergeSamples(a, sample(start))).toMatchObject({ tokensPerSecond: 10, firstTokenMs: a.firstTokenMs })
  })
})

describe('chats', () => {
  const words = [{ role: 'user' as const, content: 'canary-of-a-prompt' }]

  /** A long answer that has begun, and its end. */
  async function answering(chat: ChatClient, signal: AbortSignal): Promise<{ ended: Promise<void> }> {
    const stream = chat.stream({ messages: words, maxTokens: 1_000_000, signal })[Symbol.asyncIterator]()
    while ((await stream.next()).value?.type !== 'delta');
    const ended = (async () => {
      while (!(await stream.next()).done);
    })()
    return { ended }
  }

  it('are counted however they end, in samples, events and metrics, without a word of them', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'beta' }] })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } }, sampleMs: 20 })
    const { yard } = test
    const chat = yard.chat()
    await expect(chat.complete({ messages: words })).rejects.toMatchObject({ code: 'slot_empty' })
    await yard.slot('default').switch('alpha')
    const { usage } = await chat.complete({ messages: words, maxTokens: 5 })
    await chat.complete({ messages: words, maxTokens: 5, model: 'ollama/beta' })
    for await (const part of chat.stream({ messages: words, maxTokens: 1_000_000 })) if (part.type === 'delta') break
    const stop = new AbortController()
    const aborted = await answering(chat, stop.signal)
    stop.abort(new Error('somebody pressed a key'))
    await expect(aborted.ended).rejects.toThrow()
    await expect(yard.chat('nosuch').complete({ messages: words })).rejects.toMatchObject({ code: 'slot_not_found' })

    const shown = yard.meter.totals().map(({ slot, ref, running, completionTokens, requests }) => ({
      slot,
      ref,
      running,
      completionTokens,
      requests: Object.fromEntries(requests.get('yard.chat') ?? []),
    }))
    expect(shown).toEqual([
      { slot: 'default', ref: undefined, running: 0, completionTokens: 0, requests: { slot_empty: 1 } },
      { slot: 'default', ref: 'ollama/alpha:latest', running: 0, completionTokens: usage?.completionTokens, requests: { ok: 1, left: 2 } },
      { slot: undefined, ref: 'ollama/beta:latest', running: 0, completionTokens: usage?.completionTokens, requests: { ok: 1 } },
    ])
    const sampled = () => yard.usage().reduce((sum, { requests }) => sum + requests, 0)
    await test.waitFor((event) => event.type === 'usage.sample' && sampled() === 5)
    expect(yard.usage({ slot: 'default' }).some(({ ref }) => ref === 'ollama/beta:latest')).toBe(false)
    expect(() => yard.usage({ since: 'yesterday' })).toThrow(expect.objectContaining({ code: 'invalid_request' }))

    const metrics = createMetrics(yard)
    const { text } = await metrics.text()
    metrics.close()
    expect(text).toContain(
      'modelyard_model_requests_total{slot="default",model="ollama/alpha:latest",route="yard.chat",outcome="left"} 2\n',
    )
    expect(text).toContain('modelyard_model_requests_total{slot="",model="ollama/beta:latest",route="yard.chat",outcome="ok"} 1\n')
    expect(text).toMatch(/^# TYPE modelyard_model_first_token_seconds histogram$/m)
    expect(text).toContain('modelyard_model_first_token_seconds_bucket{slot="",model="ollama/beta:latest",le="+Inf"} 1\n')
    expect(text).toContain('modelyard_model_wait_seconds_count{slot="default",model="ollama/alpha:latest"} 3\n')
    expect([text, JSON.stringify([test.events, yard.usage()]), ...test.logged].join('\n')).not.toContain('canary')
  })

  it('that have to wait are counted as waiting, and their wait with the model', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }] })
    await using test = await testYard({
      providers: { ollama: { kind: 'ollama', baseUrl: engine.url } },
      slots: { default: { maxRequests: 1 } },
      sampleMs: 20,
    })
    const { yard } = test
    await yard.slot('default').switch('alpha')
    const stop = new AbortController()
    const first = await answering(yard.chat(), stop.signal)
    const second = yard.chat().complete({ messages: words, maxTokens: 2 })
    await test.waitFor((event) => event.type === 'usage.sample' && event.sample.waiting === 1 && event.sample.ref === undefined)
    stop.abort()
    await expect(first.ended).rejects.toMatchObject({ code: 'cancelled' })
    await second
    const waited = await test.waitFor((event) => event.type === 'usage.sample' && event.sample.waitMs !== undefined)
    expect(waited).toMatchObject({ sample: { ref: 'ollama/alpha:latest', waitMs: { count: 1 } } })
  })
})
