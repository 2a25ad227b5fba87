/** A yard whose jobs are played by a test, with events of its own, behind a real listener that commands find. */
import { createEventBus } from '../../src/events/bus-memory.ts'
import { createFanOut, type Frame } from '../../src/events/fan-out.ts'
import { type Listening, listen } from '../../src/server/listen.ts'
import { holdHome } from '../../src/store/home-lock.ts'
import { openTokenSource } from '../../src/store/token.ts'
import { type Deferred, deferred } from '../../src/util/deferred.ts'
import { yardEvents, yardFrames } from '../../src/yard/events.ts'
import { countJobs } from '../../src/yard/jobs.ts'
import type { EventQuery, Yard } from '../../src/yard/yard.ts'
import { type FakeJobs, fakeJobs } from './fake-jobs.ts'
import { type TestYard, type TestYardOptions, testYard } from './test-yard.ts'

export interface YardWithJobs extends AsyncDisposable {
  readonly yard: Yard
  readonly jobs: FakeJobs
  readonly home: string
  /** Where the events of this yard come from. */
  readonly bus: ReturnType<typeof createEventBus>
  /** Resolves when somebody outside is told the events of this job: none that comes from now on is missed. */
  watched(job: string): Promise<void>
}

export async function yardWithJobs(options: TestYardOptions = {}, more: Partial<Yard> = {}): Promise<YardWithJobs> {
  const test: TestYard = await testYard(options)
  const bus = createEventBus()
  const closing = new AbortController()
  const status: Yard['status'] = async (cancel) => ({ ...(await test.yard.status(cancel)), jobs: countJobs(jobs.list()) })
  const fanOut = createFanOut(bus)
  const sources = { bus, fanOut, status, closing: closing.signal, watch: test.yard.watch }
  const events: Yard['events'] = (query) => yardEvents(sources, query)
  const jobs = fakeJobs({ emit: bus.emit, events, listen: bus.listen, closing: closing.signal })
  const watchers = new Map<string, Deferred<void>>()
  const watcherOf = (job: string): Deferred<void> => {
    const known = watchers.get(job) ?? deferred<void>()
    watchers.set(job, known)
    return known
  }
  async function* frames(query: EventQuery = {}): AsyncGenerator<Frame> {
    for await (const frame of yardFrames(sources, query)) {
      if (query.job !== undefined) watcherOf(query.job).resolve()
      yield frame
    }
  }
  const yard: Yard = { ...test.yard, status, jobs, events, frames, onEvent: bus.listen, ...more }
  return {
    yard,
    jobs,
    home: test.home,
    bus,
    watched: (job) => watcherOf(job).promise,
    async [Symbol.asyncDispose]() {
      closing.abort()
      fanOut.close()
      await test[Symbol.asyncDispose]()
    },
  }
}

export interface ServiceWithJobs extends YardWithJobs {
  readonly service: Listening
  readonly token: string
  /** Drops the listener and makes another at the same address, as a restart does. */
  relisten(): Promise<void>
}

/** Commands that are given its home find it as they find any service. */
export async function serviceWithJobs(options: TestYardOptions = {}, more: Partial<Yard> = {}): Promise<ServiceWithJobs> {
  const made = await yardWithJobs(options, more)
  const held = await holdHome(made.home)
  const tokens = await openTokenSource(made.home)
  const open = (port: number): Promise<Listening> =>
    listen({ yard: made.yard, host: '127.0.0.1', port, allowedHosts: [], allowedOrigins: [], tokens, log: () => {} })
  let service = await open(0)
  await held.publish({ url: service.url, pid: process.pid })
  return {
    ...made,
    token: tokens.token,
    get service() {
      return service
    },
    async relisten() {
      const { port } = service
      await service.close(0)
      service = await open(port)
    },
    async [Symbol.asyncDispose]() {
      await service.close(0)
      tokens.close()
      await held.release()
      await made[Symbol.asyncDispose]()
    },
  }
}
