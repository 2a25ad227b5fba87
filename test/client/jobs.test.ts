import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createClient } from '../../src/client/index.ts'
import { type Job, ModelyardError } from '../../src/contract/index.ts'
import { deferred } from '../../src/util/deferred.ts'
import { serviceWithJobs } from '../support/yard-with-jobs.ts'
import { eventStream, json, refuse, type Script, scriptedServer } from './scripted-server.ts'

const at = '2026-01-01T00:00:00.000Z'
const source = { repo: 'pub/Tiny-GGUF' }
const job = (more: Partial<Job> = {}): Job => ({
  id: 'j1',
  kind: 'ingest',
  state: 'running',
  stage: 'download',
  source,
  files: [],
  into: [],
  bytesDone: 0,
  createdAt: at,
  updatedAt: at,
  ...more,
})
const progress = (seq: number, bytesDone: number) => ({ type: 'job.progress', seq, at, id: 'j1', stage: 'download', bytesDone })
const finished = (seq: number, more: Partial<Job> = { state: 'succeeded', stage: 'done' }) => ({
  type: 'job.finished',
  seq,
  at,
  job: job(more),
})

/** A service with one job, whose record is what the test sets; each connection for events is played by the test. */
function oneJob(...connections: ((stream: ReturnType<typeof eventStream>, drop: () => void) => void)[]) {
  const state = { record: job() as Job | undefined, looks: 0 }
  const paths: string[] = []
  const script: Script = (asked, response) => {
    if (asked.path.startsWith('/yard/v1/events')) {
      paths.push(asked.path)
      return (connections.shift() ?? (() => {}))(eventStream(response), () => response.destroy())
    }
    state.looks += 1
    if (!state.record) return refuse(response, new ModelyardError('job_not_found'))
    json(response, state.record, asked.method === 'POST' ? 201 : 200)
  }
  return { state, paths, script }
}

const typesOf = async (events: AsyncIterable<{ type: string }>): Promise<string[]> => {
  const types: string[] = []
  for await (const event of events) if (event.type !== 'heartbeat') types.push(event.type)
  return types
}

describe('jobs', () => {
  it('are asked for as they are in the library', async () => {
    const server = await scriptedServer(({ method, path }, response) =>
      json(response, path.endsWith('/jobs') && method === 'GET' ? { jobs: [job()] } : path.endsWith('/fix') ? { findings: [] } : job()),
    )
    const { jobs, updateSettings, fix } = createClient({ url: server.url })
    const request = { repo: 'pub/x', quantization: 'Q4_K_M', into: ['ollama'], switch: false as const }
    await jobs.preflight(request)
    const same = await jobs.start(request)
    expect([same.id, same.fresh]).toEqual(['j1', false])
    expect(await jobs.list()).toEqual([job()])
    await jobs.get('j1')
    await jobs.pause('j1')
    await jobs.resume('j1')
    await jobs.cancel('j1')
    await jobs.cancel('j1', { partial: 'remove' })
    await updateSettings({ hub: { bytesPerSecond: null } })
    expect(await fix(['a', 'b'])).toEqual([])
    expect(server.asked.map(({ method, path, body }) => [method, path.replace('/yard/v1', ''), body])).toEqual([
      ['POST', '/jobs/preflight', request],
      ['POST', '/jobs', request],
      ['GET', '/jobs', undefined],
      ['GET', '/jobs/j1', undefined],
      ['POST', '/jobs/j1/pause', undefined],
      ['POST', '/jobs/j1/resume', undefined],
      ['POST', '/jobs/j1/cancel', undefined],
      ['POST', '/jobs/j1/cancel', { partial: 'remove' }],
      ['PATCH', '/settings', { hub: { bytesPerSecond: null } }],
      ['POST', '/doctor/fix', { ids: ['a', 'b'] }],
    ])
  })

  it('throw what a preflight found', async () => {
    const server = await scriptedServer((_, response) =>
      refuse(response, new ModelyardError('gated', 'A licence.', { details: { url: 'https://hub.example/pub/x' } })),
    )
    await expect(createClient({ url: server.url }).jobs.start(source)).rejects.toMatchObject({
      code: 'gated',
      details: { url: 'https://hub.example/pub/x' },
    })
  })
})

describe('the events of a job', () => {
  it('go on over lost connections from where they were, and end with its end', async () => {
    const { script, paths } = oneJob(
      (stream, drop) => {
        for (const event of [{ type: 'snapshot', seq: 10 }, progress(11, 1)]) stream.send(event)
        setImmediate(drop)
      },
      (stream) => {
        for (const event of [{ type: 'snapshot', seq: 11 }, progress(11, 1), progress(14, 2), finished(15)]) stream.send(event)
      },
    )
    const server = await scriptedServer(script)
    const events = createClient({ url: server.url }).jobs.handle('j1').events()
    expect(await typesOf(events)).toEqual(['snapshot', 'job.progress', 'snapshot', 'job.progress', 'job.finished'])
    expect(paths).toEqual(['/yard/v1/events?job=j1', '/yard/v1/events?since=11&job=j1'])
  })

  it('of a job that has ended before end at once', async () => {
    const { script, state } = oneJob((stream) => stream.send({ type: 'snapshot', seq: 10 }))
    state.record = job({ state: 'failed' })
    const server = await scriptedServer(script)
    const seen = []
    for await (const event of createClient({ url: server.url }).jobs.handle('j1').events()) seen.push(event)
    expect(seen).toMatchObject([{ type: 'snapshot' }, { type: 'job.finished', seq: 10, job: { state: 'failed' } }])
  })

  it('that ended while there was no connection end from its record, once', async () => {
    const played = oneJob(
      (stream, drop) => {
        stream.send({ type: 'snapshot', seq: 10 })
        played.state.record = job({ state: 'succeeded', stage: 'done' })
        setImmediate(drop)
      },
      (stream) => {
        for (const event of [
          { type: 'reset', seq: 5 },
          { type: 'snapshot', seq: 5 },
        ])
          stream.send(event)
      },
    )
    const server = await scriptedServer(played.script)
    const types = await typesOf(createClient({ url: server.url }).jobs.handle('j1').events())
    expect(types.filter((type) => type !== 'snapshot' && type !== 'reset')).toEqual(['job.finished'])
  })

  it('that ended just before they were asked for end from its record, and the connection with them', async () => {
    const closed = deferred<undefined>()
    const { state, script } = oneJob((stream) => {
      state.record = job({ state: 'succeeded', stage: 'done' })
      stream.closed(() => closed.resolve(undefined))
      stream.send({ type: 'snapshot', seq: 4 })
    })
    const server = await scriptedServer(script)
    expect(await typesOf(createClient({ url: server.url }).jobs.handle('j1').events())).toEqual(['snapshot', 'job.finished'])
    await closed.promise
  })

  it('of a job that nobody knows are an error', async () => {
    const { script, state } = oneJob()
    state.record = undefined
    const server = await scriptedServer(script)
    const events = createClient({ url: server.url }).jobs.handle('j1').events()
    await expect(events.next()).rejects.toMatchObject({ code: 'job_not_found' })
  })
})

describe('the end of a job', () => {
  it('is found in the record', async () => {
    const played = oneJob((stream) => {
      for (const event of [{ type: 'snapshot', seq: 10 }, progress(11, 1)]) stream.send(event)
      played.state.record = job({ state: 'succeeded', stage: 'done' })
      stream.send(finished(12))
    })
    const server = await scriptedServer(played.script)
    expect((await createClient({ url: server.url }).jobs.handle('j1').ended()).state).toBe('succeeded')
  })

  it('is found although the service was away, and although there are no events at all', async () => {
    let looks = 0
    const server = await scriptedServer(({ path }, response) => {
      if (path.startsWith('/yard/v1/events')) return refuse(response, new ModelyardError('rate_limited'))
      if (++looks === 1) return void response.destroy()
      json(response, job({ state: 'cancelled' }))
    })
    const ended = createClient({ url: server.url }).jobs.handle('j1').ended()
    expect((await ended).state).toBe('cancelled')
    expect(looks).toBe(2)
  }, 20_000)

  it('is not waited for by whoever leaves; the job is left alone', async () => {
    const stop = new AbortController()
    const { script } = oneJob((stream) => {
      stream.send({ type: 'snapshot', seq: 10 })
      stop.abort(new ModelyardError('interrupted'))
    })
    const server = await scriptedServer(script)
    await expect(createClient({ url: server.url }).jobs.handle('j1').ended({ signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
    })
    expect(server.asked.filter(({ method }) => method !== 'GET')).toEqual([])
  })
})

describe.each([
  ['HTTP', (url: string, token: string) => createClient({ url, token, WebSocket })],
  ['one WebSocket', (url: string, token: string) => createClient({ url, token, WebSocket }).connect()],
])('a real service over %s', (_, open) => {
  it('is followed through its restart to the end of the job', async () => {
    await using test = await serviceWithJobs()
    const client = await open(test.service.url, test.token)
    const started = await client.jobs.start(source)
    const ended = started.ended()
    const seen: string[] = []
    for await (const event of started.events()) {
      seen.push(event.type)
      if (seen.length === 1) test.jobs.enter(started.id, 'download', { bytesTotal: 10 })
      if (event.type === 'job.stage' && event.job.stage === 'download') {
        await test.relisten()
        test.jobs.progress(started.id, 10)
        test.jobs.enter(started.id, 'verify')
      }
      if (event.type === 'job.stage' && event.job.stage === 'verify')
        test.jobs.finish(started.id, 'succeeded', { result: { refs: [{ ref: 'ollama/tiny', verified: true }], verified: true } })
    }
    expect(await ended).toMatchObject({ state: 'succeeded', result: { verified: true } })
    expect(seen.filter((type) => type.startsWith('job.'))).toEqual(['job.stage', 'job.progress', 'job.stage', 'job.finished'])
    if ('close' in client) await client.close()
  })
})
