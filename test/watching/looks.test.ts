/** What a look tells was so when it was asked for: never what an earlier one saw, and never of what came after it. */
import { rm } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import type { EventInput } from '../../src/contract/index.ts'
import { createProviders } from '../../src/providers/registry.ts'
import { resolveSettings } from '../../src/store/settings.ts'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { deferred } from '../../src/util/deferred.ts'
import type { Belief } from '../../src/watching/drift.ts'
import { createWatcher, type Watcher, type WatcherOptions } from '../../src/watching/watcher.ts'
import { testFolder } from '../support/test-yard.ts'

/** Nothing is looked at again by itself. */
const never = 2 ** 30

async function watching(engines: Readonly<Record<string, FakeOllama>>, more: Partial<WatcherOptions>): Promise<Watcher> {
  const home = await testFolder()
  const configs = Object.entries(engines).map(([id, { url }]) => [id, { kind: 'ollama' as const, baseUrl: url }])
  const { providers: all, library } = await resolveSettings({ env: {}, options: { home, providers: Object.fromEntries(configs) } })
  const providers = createProviders(
    all.filter(({ id }) => id in engines),
    { isOurs: () => false, library, home, log: () => {} },
  )
  const watcher = createWatcher({
    providers,
    emit: () => {},
    beliefs: () => [],
    choices: () => [],
    envChoice: async () => ({ mirrored: false }),
    busy: () => false,
    onIdle: () => {},
    onReady: () => {},
    log: () => {},
    now: () => Date.now(),
    often: never,
    seldom: never,
    ...more,
  })
  onTestFinished(async () => {
    await watcher.close()
    await rm(home, { recursive: true })
    await Promise.all([...providers.map((one) => one.close()), ...Object.values(engines).map((one) => one.close())])
  })
  return watcher
}

const kinds = (watcher: Watcher): string[] => watcher.drift().map(({ kind, provider }) => (provider ? `${kind} ${provider}` : kind))
const looksAt = (engine: FakeOllama): number => engine.ledger.filter(({ path }) => path === '/api/ps').length
const alpha: Belief = { slot: 'default', provider: 'one', name: 'alpha:latest', state: 'alpha serves' }

it('one that was wanted while another ran begins after it', async () => {
  const one = await fakeOllama({ models: [{ name: 'alpha' }] })
  const told: EventInput[] = []
  const watcher = await watching({ one }, { emit: (event) => void told.push(event) })
  const answer = deferred<void>()
  one.faults.add({ path: '/api/ps', fault: { kind: 'hold', until: answer.promise }, times: 1 })
  watcher.start()
  await one.waitFor(() => looksAt(one) >= 1)
  watcher.poke('one')
  await turn()
  answer.resolve()
  await one.waitFor(() => looksAt(one) >= 2)
})

it('a judgement that began before a change is not told after one that knows it', async () => {
  const [one, two] = [await fakeOllama({ models: [{ name: 'alpha' }] }), await fakeOllama()]
  const firstRead = deferred<void>()
  const [held, begun] = [deferred<void>(), deferred<void>()]
  let reads = 0
  const watcher = await watching(
    { one, two },
    {
      beliefs: () => [alpha],
      choices: () => [{ slot: 'default', provider: 'one', name: 'alpha:latest' }],
      async envChoice() {
        reads += 1
        if (reads > 1) return { mirrored: true, choice: { provider: 'one', name: 'beta:latest' } }
        begun.resolve()
        await firstRead.promise
        return { mirrored: true, choice: { provider: 'one', name: 'alpha:latest' } }
      },
      emit(event) {
        // The first engine is seen, and judged where nothing waits for the other's judgement; only then that one goes on.
        if (event.type === 'models.changed' && event.provider === 'one') void turn().then(() => firstRead.resolve())
      },
    },
  )
  one.faults.add({ path: '/api/ps', fault: { kind: 'hold', until: held.promise }, times: 1 })
  const looked = watcher.lookNow()
  await begun.promise
  held.resolve()
  await looked
  expect(kinds(watcher)).toEqual(['model_not_loaded one', 'env_changed'])
})

it('an engine that was looked at before a slot came to serve says nothing about it', async () => {
  const models = { alpha: { name: 'alpha' }, beta: { name: 'beta' } }
  const [one, two] = [await fakeOllama({ models: Object.values(models) }), await fakeOllama()]
  await one.shelf.load(models.alpha)
  let belief: Belief = alpha
  const idle: boolean[] = []
  const watcher = await watching({ one, two }, { beliefs: () => [belief], onIdle: (_, is) => void idle.push(is) })
  await watcher.lookNow()
  expect(kinds(watcher)).toEqual([])
  one.shelf.unload('alpha')
  await one.shelf.load(models.beta)
  belief = { ...alpha, name: 'beta:latest', state: 'beta serves' }
  const judged = idle.length
  await watcher.lookNow(undefined, 'two')
  expect([kinds(watcher), idle.length]).toEqual([[], judged])
  one.shelf.unload('beta')
  await watcher.lookNow(undefined, 'one')
  expect(kinds(watcher)).toEqual(['model_not_loaded one'])
})

it('a choice that was another before the .env was read is not compared with what it says now', async () => {
  const one = await fakeOllama({ models: [{ name: 'alpha' }] })
  let name = 'alpha:latest'
  const watcher = await watching(
    { one },
    {
      choices: () => [{ slot: 'default', provider: 'one', name }],
      async envChoice() {
        name = 'beta:latest'
        return { mirrored: true, choice: { provider: 'one', name } }
      },
    },
  )
  await watcher.lookNow()
  expect(kinds(watcher)).toEqual([])
  await watcher.lookNow()
  expect(kinds(watcher)).toEqual([])
})
