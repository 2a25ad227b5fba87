/** Jobs through the control API: what each route answers, who may name a path, what is told while they run. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createControlApi } from '../../src/api/control-api.ts'
import { createClient } from '../../src/client/index.ts'
import { type Finding, ModelyardError, type SettingsPatch, type YardEvent } from '../../src/contract/index.ts'
import { callerOf } from '../../src/server/door.ts'
import { type ServiceWithJobs, serviceWithJobs } from '../support/yard-with-jobs.ts'

let test: ServiceWithJobs
const changed: SettingsPatch[] = []
const fixed: string[][] = []
const finding = (id: string): Finding => ({ id, level: 'warning', text: id, fixable: true })

beforeEach(async () => {
  changed.length = 0
  fixed.length = 0
  test = await serviceWithJobs(
    {},
    {
      updateSettings: async (patch) => {
        changed.push(patch)
        return test.yard.config()
      },
      fix: async (ids) => {
        fixed.push([...ids])
        return [finding('what-is-left')]
      },
    },
  )
})
afterEach(() => test[Symbol.asyncDispose]())

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${test.service.url}/yard/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${test.token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

const source = { repo: 'pub/Tiny-GGUF', quantization: 'Q4_K_M' }

describe('the routes of jobs', () => {
  it('plan without beginning, begin once, list the newest first', async () => {
    test.jobs.plan = { downloadBytes: 1234 }
    expect(await ask('POST', '/jobs/preflight', source)).toMatchObject({ status: 200, body: { source, downloadBytes: 1234 } })
    expect(test.jobs.requests).toEqual([])
    const first = await ask('POST', '/jobs', { ...source, into: ['ollama'], switch: false, bytesPerSecond: 5_000_000 })
    expect(first).toMatchObject({ status: 201, body: { id: 'job-1', state: 'running', source, into: ['ollama'] } })
    expect(await ask('POST', '/jobs', source)).toMatchObject({ status: 200, body: { id: 'job-1' } })
    expect(await ask('POST', '/jobs', { catalog: 'qwen3-8b' })).toMatchObject({ status: 201, body: { id: 'job-2' } })
    expect((await ask('GET', '/jobs')).body).toMatchObject({ jobs: [{ id: 'job-2' }, { id: 'job-1' }] })
    expect(test.jobs.requests[0]).toEqual({ ...source, into: ['ollama'], switch: false, bytesPerSecond: 5_000_000 })
    expect((await ask('GET', '/status')).body).toMatchObject({ jobs: { running: 2, waiting: 0 } })
  })

  it('pause, resume and cancel, and say what cannot be', async () => {
    await ask('POST', '/jobs', source)
    expect(await ask('POST', '/jobs/job-1/pause')).toMatchObject({ status: 200, body: { state: 'paused' } })
    expect(await ask('POST', '/jobs/job-1/resume')).toMatchObject({ status: 200, body: { state: 'running' } })
    expect(await ask('POST', '/jobs/job-1/cancel', { partial: 'remove' })).toMatchObject({
      status: 200,
      body: { state: 'cancelled', note: 'partial remove' },
    })
    expect(await ask('POST', '/jobs/job-1/pause')).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
    await ask('POST', '/jobs', source)
    expect(await ask('POST', '/jobs/job-2/cancel')).toMatchObject({ status: 200, body: { state: 'cancelled', note: 'partial keep' } })
    expect(await ask('GET', '/jobs/nobody')).toMatchObject({ status: 404, body: { error: { code: 'job_not_found' } } })
  })

  it.each([
    ['no source', {}],
    ['two sources', { ...source, catalog: 'qwen3-8b' }],
    ['an unknown wish', { ...source, force: true }],
    ['a repository that climbs', { repo: '../evil' }],
    ['a file that climbs', { repo: 'pub/x', file: '../../evil.gguf' }],
    ['a revision that climbs', { repo: 'pub/x', revision: '..' }],
    ['a slot outside the grammar', { ...source, switch: 'Bad Name' }],
    ['a switch that is true', { ...source, switch: true }],
    ['no engine', { ...source, into: [] }],
    ['a rate below reason', { ...source, bytesPerSecond: 1 }],
  ])('refuse %s', async (_, body) => {
    expect(await ask('POST', '/jobs', body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
    expect(await ask('POST', '/jobs/preflight', body)).toMatchObject({ status: 400 })
    expect(test.jobs.requests).toEqual([])
  })

  it('say what a preflight found, with its status', async () => {
    test.jobs.refuse(new ModelyardError('gated', 'It asks for a licence.', { details: { url: 'https://hub.example/pub/Tiny-GGUF' } }))
    const refused = { status: 403, body: { error: { code: 'gated', details: { url: 'https://hub.example/pub/Tiny-GGUF' } } } }
    expect(await ask('POST', '/jobs/preflight', source)).toMatchObject(refused)
    test.jobs.refuse(new ModelyardError('disk_full'))
    expect(await ask('POST', '/jobs', source)).toMatchObject({ status: 507 })
  })

  it('are the same over the socket', async () => {
    const { WebSocket } = await import('ws')
    await using client = await createClient({ url: test.service.url, token: test.token, WebSocket }).connect()
    const job = await client.jobs.start({ path: '/models/tiny.gguf' })
    expect([job.id, job.fresh]).toEqual(['job-1', true])
    expect((await client.jobs.start({ path: '/models/tiny.gguf' })).fresh).toBe(false)
    expect(await client.jobs.pause('job-1')).toMatchObject({ state: 'paused' })
  })
})

describe('a path', () => {
  const request = { path: '/models/tiny.gguf' }

  it('may be named from this machine, and not through a proxy', async () => {
    expect((await ask('POST', '/jobs/preflight', request)).status).toBe(200)
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'X-Real-IP']) {
      const refused = { status: 403, body: { error: { code: 'forbidden' } } }
      expect(await ask('POST', '/jobs/preflight', request, { [header]: '127.0.0.1' })).toMatchObject(refused)
      expect(await ask('POST', '/jobs', request, { [header]: '127.0.0.1' })).toMatchObject(refused)
    }
    expect((await ask('POST', '/jobs', source, { via: 'proxy' })).status).toBe(201)
    expect(test.jobs.requests).toEqual([source])
  })

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['192.168.1.7', false],
    ['::ffff:192.168.1.7', false],
    ['fe80::1', false],
    ['128.0.0.1', false],
    [undefined, false],
  ])('from %s: %s', (remoteAddress, local) => {
    expect(callerOf({ socket: { remoteAddress }, rawHeaders: [] } as never)).toEqual({ local })
  })

  it('is refused to whoever asks from elsewhere, whatever the token', async () => {
    const api = createControlApi({ yard: test.yard, scopeOf: () => 'control', openapi: () => '{}' })
    const asked = new Request('http://modelyard.invalid/yard/v1/jobs', {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })
    expect((await api.fetch(asked, { local: false })).status).toBe(403)
    expect(test.jobs.requests).toEqual([])
    api.close()
  })
})

describe('settings and findings', () => {
  it('are changed and fixed by the yard', async () => {
    expect(await ask('PATCH', '/settings', { hub: { bytesPerSecond: null, downloadsAtOnce: 3 } })).toMatchObject({
      status: 200,
      body: { settings: expect.any(Array) },
    })
    expect(changed).toEqual([{ hub: { bytesPerSecond: null, downloadsAtOnce: 3 } }])
    expect(await ask('POST', '/doctor/fix', { ids: ['partial:a', 'orphan:b'] })).toEqual({
      status: 200,
      body: { findings: [finding('what-is-left')] },
    })
    expect(fixed).toEqual([['partial:a', 'orphan:b']])
  })

  it.each([
    ['PATCH', '/settings', {}],
    ['PATCH', '/settings', { hub: { endpoint: 'https://evil.example' } }],
    ['PATCH', '/settings', { hub: { downloadsAtOnce: 0 } }],
    ['POST', '/doctor/fix', { ids: [] }],
    ['POST', '/doctor/fix', { ids: ['a'], all: true }],
  ])('%s %s refuses %j', async (method, path, body) => {
    expect((await ask(method, path, body)).status).toBe(400)
    expect([changed, fixed]).toEqual([[], []])
  })
})

describe('what is told of jobs', () => {
  const numbers = async (): Promise<string> =>
    (await fetch(`${test.service.url}/yard/v1/metrics`, { headers: { authorization: `Bearer ${test.token}` } })).text()

  it('is told to whoever watches that job, and nothing else', async () => {
    await test.yard.jobs.start(source)
    await test.yard.jobs.start({ catalog: 'qwen3-8b' })
    const seen: unknown[] = []
    for await (const event of test.yard.events({ job: 'job-1' })) {
      if (event.type === 'snapshot') {
        expect(event.status.jobs).toEqual({ running: 2, waiting: 0 })
        test.jobs.enter('job-2', 'download')
        test.bus.emit({ type: 'models.changed', provider: 'ollama' })
        test.bus.emit({ type: 'slot.changed', slot: test.yard.slots.get('default') })
        test.jobs.enter('job-1', 'download')
        test.jobs.progress('job-2', 5)
        test.jobs.progress('job-1', 7)
        test.jobs.finish('job-2', 'succeeded')
        test.jobs.finish('job-1', 'succeeded')
      } else seen.push([event.type, 'id' in event ? event.id : 'job' in event && event.job.id])
      if (event.type === 'job.finished') break
    }
    expect(seen).toEqual([
      ['job.stage', 'job-1'],
      ['job.progress', 'job-1'],
      ['job.finished', 'job-1'],
    ])
  })

  it('is not told to whoever watches a slot; both at once get both', async () => {
    const wanted: Record<string, string[]> = { slot: [], both: [] }
    const stop = new AbortController()
    const read = async (name: string, query: object): Promise<void> => {
      for await (const event of test.yard.events({ ...query, signal: stop.signal })) {
        wanted[name]?.push(event.type)
        if (event.type === 'slot.changed') return
      }
    }
    const reading = [read('slot', { slot: 'default' }), read('both', { slot: 'default', job: 'job-1' })]
    await test.yard.jobs.start(source)
    test.bus.emit({ type: 'models.changed', provider: 'ollama' })
    test.bus.emit({ type: 'slot.changed', slot: test.yard.slots.get('default') })
    await Promise.all(reading)
    expect(wanted).toEqual({ slot: ['snapshot', 'models.changed', 'slot.changed'], both: ['snapshot', 'job.created', 'slot.changed'] })
  })

  it('is counted', async () => {
    await ask('POST', '/jobs', source)
    test.jobs.enter('job-1', 'download', { bytesDone: 1000 })
    for (const bytes of [1500, 4000, 3000, 4500]) test.jobs.progress('job-1', bytes)
    expect(await numbers()).toMatch(/modelyard_jobs\{state="running"\} 1\n/)
    test.jobs.enter('job-1', 'check', { bytesDone: 5000 })
    test.jobs.progress('job-1', 9000)
    test.jobs.finish('job-1', 'succeeded')
    const text = await numbers()
    expect(text).toMatch(/modelyard_jobs\{state="running"\} 0\n/)
    expect(text).toMatch(/modelyard_jobs_total\{kind="ingest",state="succeeded"\} 1\n/)
    // 1000 lay there before.
    expect(text).toMatch(/modelyard_downloaded_bytes_total 4000\n/)
  })
})

describe('a reader that lags', () => {
  it('gets the newest progress and every other event, and its place is never lost', async () => {
    await test.yard.jobs.start(source)
    await test.yard.jobs.start({ catalog: 'qwen3-8b' })
    const socket = connect({ host: '127.0.0.1', port: test.service.port })
    socket.write(`GET /yard/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${test.service.port}\r\nAuthorization: Bearer ${test.token}\r\n\r\n`)
    await once(socket, 'data')
    socket.pause()
    const rounds = 12_000
    for (let index = 1; index <= rounds; index += 1) {
      for (const id of ['job-1', 'job-2']) test.jobs.progress(id, index, { note: 'x'.repeat(1000) })
      if (index % 1000 === 0) test.jobs.enter('job-1', 'download')
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    for (const id of ['job-1', 'job-2']) test.jobs.finish(id, 'succeeded')
    let text = ''
    socket.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    socket.resume()
    while (text.split('"type":"job.finished"').length < 3) await once(socket, 'data')
    socket.destroy()
    const told = [...text.matchAll(/^data: (.*)$/gm)].map(([, line]) => JSON.parse(line ?? '{}') as YardEvent)
    const progress = told.filter((event) => event.type === 'job.progress')
    expect(told.map(({ type }) => type)).not.toContain('reset')
    expect(told.filter(({ type }) => type === 'job.stage')).toHaveLength(rounds / 1000)
    expect(progress.length).toBeLessThan(rounds)
    for (const id of ['job-1', 'job-2']) expect(progress.findLast((event) => event.id === id)).toMatchObject({ bytesDone: rounds })
    const numbers = told.map(({ seq }) => seq)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  })
})

describe('a job in the library', () => {
  it('tells its events until its end, which is the last', async () => {
    const job = await test.yard.jobs.start(source)
    const seen: string[] = []
    const ended = job.ended()
    for await (const event of job.events()) {
      seen.push(event.type)
      if (event.type !== 'snapshot') continue
      test.jobs.enter(job.id, 'download')
      test.jobs.finish(job.id, 'failed', { error: new ModelyardError('hash_mismatch').toBody() })
    }
    expect(seen).toEqual(['snapshot', 'job.stage', 'job.finished'])
    expect(await ended).toMatchObject({ state: 'failed', error: { code: 'hash_mismatch' } })
  })

  it('that has ended says so at once', async () => {
    const job = await test.yard.jobs.start(source)
    test.jobs.finish(job.id, 'cancelled')
    const seen: string[] = []
    for await (const event of job.events()) seen.push(event.type)
    expect(seen).toEqual(['snapshot', 'job.finished'])
    expect(await job.ended()).toMatchObject({ state: 'cancelled' })
    expect(() => test.yard.jobs.handle('nobody')).toThrow('There is no job')
  })

  it('that ends while the first snapshot is made tells all the same what came before', async () => {
    const job = await test.yard.jobs.start(source)
    const events = job.events()[Symbol.asyncIterator]()
    const first = events.next()
    test.jobs.enter(job.id, 'verify')
    test.jobs.finish(job.id, 'succeeded')
    const seen = [(await first).value.type]
    for (let next = await events.next(); !next.done; next = await events.next()) seen.push(next.value.type)
    expect(seen).toEqual(['snapshot', 'job.stage', 'job.finished'])
  })

  it('can be left, and goes on', async () => {
    const job = await test.yard.jobs.start(source)
    const stop = new AbortController()
    const ended = job.ended({ signal: stop.signal })
    stop.abort(new ModelyardError('cancelled'))
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
    for await (const event of job.events()) if (event.type === 'snapshot') break
    expect(job.get().state).toBe('running')
  })
})
