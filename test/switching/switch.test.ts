/** The switch, end to end over real sockets: a fake Ollama that evicts as the real one does. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { type TestYard, type TestYardOptions, testYard } from '../support/test-yard.ts'

const models = [
  { name: 'alpha' },
  { name: 'beta' },
  { name: 'gamma' },
  { name: 'broken', broken: true },
  { name: 'embedder', kind: 'embedding' as const },
]

async function withYard(
  run: (test: TestYard, engine: FakeOllama) => Promise<void>,
  options: { maxLoaded?: number; yard?: TestYardOptions } = {},
): Promise<void> {
  await using engine = await fakeOllama({ models, ...(options.maxLoaded !== undefined && { maxLoaded: options.maxLoaded }) })
  await using test = await testYard({ ...options.yard, providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
  await run(test, engine)
}

const inMemory = (engine: FakeOllama): string[] => [...engine.shelf.loaded.keys()].sort()
const ask = ({ yard }: TestYard, maxTokens = 3) => yard.chat().complete({ messages: [{ role: 'user', content: 'Hello' }], maxTokens })

describe('a switch', () => {
  it('loads, verifies by generating, cuts over, persists, and lets the old model go', async () => {
    await withYard(async (test, engine) => {
      const { yard, home } = test
      const first = await yard.slot('default').switch('alpha')
      expect(first).toMatchObject({
        outcome: 'switched',
        ref: 'ollama/alpha:latest',
        epoch: 1,
        persisted: true,
        warnings: [],
        verification: { tokens: 10, reasoning: false, model: 'alpha:latest' },
      })
      expect(first.verification?.text).toContain('alpha#0')
      expect(first).not.toHaveProperty('from')
      expect((await ask(test)).text).toBe('alpha#0 alpha#1 alpha#2 ')

      const second = await yard.slot('default').switch('ollama/beta')
      expect(second).toMatchObject({ outcome: 'switched', from: 'ollama/alpha:latest', to: 'ollama/beta:latest', epoch: 2 })
      expect(second.steps.map((one) => one.step)).toEqual(
        expect.arrayContaining(['resolve', 'admit', 'wait_turn', 'make_room', 'load', 'verify', 'cut_over', 'persist']),
      )
      expect(await ask(test)).toMatchObject({ text: 'beta#0 beta#1 beta#2 ', model: 'ollama/beta:latest', epoch: 2 })
      await engine.waitFor(() => !engine.shelf.loaded.has('alpha'))
      expect(await readFile(join(home, '.env'), 'utf8')).toBe('MODELYARD_MODEL=beta:latest\nMODELYARD_PROVIDER=ollama\n')
      expect(yard.switches.list().map((one) => one.outcome)).toEqual(['switched', 'switched'])
    })
  })

  it('says by name which model is on its way, to who listens and to who asks', async () => {
    await withYard(async ({ yard }, engine) => {
      engine.shelf.holdLoads()
      const events = yard.events()[Symbol.asyncIterator]()
      await events.next()
      const running = yard.slot('default').switch('alpha')
      let told: string | undefined
      while (told === undefined) {
        const { value } = await events.next()
        if (value?.type === 'switch.step') told = value.to
      }
      expect(told).toBe('ollama/alpha:latest')
      expect(yard.switches.list()[0]).toMatchObject({ to: 'ollama/alpha:latest' })
      expect(yard.switches.list()[0]).not.toHaveProperty('outcome')
      engine.shelf.releaseLoads()
      expect(await running).toMatchObject({ outcome: 'switched' })
      await events.return?.()
    })
  })

  it('rolls back by loading what was evicted, and the stream of requests goes on', async () => {
    await withYard(
      async (test, engine) => {
        const { yard } = test
        await yard.slot('default').switch('alpha')
        const failed = await yard.slot('default').switch('broken', { policy: 'overlap' })
        expect(failed).toMatchObject({
          outcome: 'rolled_back',
          ref: 'ollama/alpha:latest',
          epoch: 1,
          persisted: false,
          error: { code: 'load_failed' },
        })
        expect(failed.error?.message).not.toContain('/var/lib')
        // The failed load had evicted it; it is there again, with the options it had.
        expect(inMemory(engine)).toEqual(['alpha'])
        expect(engine.shelf.loads).toEqual(['alpha', 'broken', 'alpha'])
        expect((await ask(test)).text).toContain('alpha#0')
        expect(yard.slots.get('default')).toMatchObject({ state: 'serving', ref: 'ollama/alpha:latest' })
      },
      { maxLoaded: 1 },
    )
  })

  it('is degraded when neither model answers, says so, and heals with the next', async () => {
    await withYard(
      async (test, engine) => {
        const { yard } = test
        await yard.slot('default').switch('alpha')
        engine.faults.add({
          path: '/api/chat',
          model: 'alpha:latest',
          fault: { kind: 'status', status: 500, body: { error: 'runner crashed' } },
        })
        const result = await yard.slot('default').switch('broken')
        expect(result).toMatchObject({ outcome: 'degraded', epoch: 1 })
        expect(result).not.toHaveProperty('ref')
        expect(yard.slots.get('default')).toMatchObject({ state: 'degraded', reason: { code: 'load_failed' } })
        await expect(ask(test)).rejects.toMatchObject({ code: 'slot_unavailable' })
        expect(await yard.slot('default').switch('beta')).toMatchObject({ outcome: 'switched', ref: 'ollama/beta:latest' })
      },
      { maxLoaded: 1 },
    )
  })

  it.each([
    ['another model answers', { kind: 'wrong-model', model: 'gamma' } as const, 'Another model answered'],
    ['nothing is answered', { kind: 'nothing' } as const, 'nothing at all'],
    ['the answer is cut off', { kind: 'cut', after: 2 } as const, 'cut'],
    ['an error comes inside a 200', { kind: 'error-inside', message: 'llama runner crashed', after: 1 } as const, 'runner crashed'],
  ])('does not believe when %s', async (_, fault, words) => {
    await withYard(async (test, engine) => {
      const { yard } = test
      await yard.slot('default').switch('alpha')
      engine.faults.add({ path: '/api/chat', model: 'beta:latest', fault })
      const result = await yard.slot('default').switch('beta')
      expect(result).toMatchObject({ outcome: 'rolled_back', ref: 'ollama/alpha:latest', error: { code: 'verification_failed' } })
      expect(result.error?.message).toContain(words)
      await engine.waitFor(() => !engine.shelf.loaded.has('beta'))
    })
  })

  it('counts thinking as an answer', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'thinker', reasoning: true }] })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    engine.shelf.models[0] = { name: 'thinker', reasoning: true }
    expect(await test.yard.slot('default').switch('thinker')).toMatchObject({ outcome: 'switched' })
  })

  it('changes nothing for what is wrong from the start', async () => {
    await withYard(async ({ yard }, engine) => {
      await yard.slot('default').switch('alpha')
      const before = engine.shelf.loads.length
      for (const [model, code] of [
        ['nosuch', 'model_not_found'],
        ['ollama/nosuch', 'model_not_found'],
        ['embedder', 'not_a_chat_model'],
        ['x'.repeat(65_536), 'invalid_request'],
        ['a\u001b[31mb', 'invalid_request'],
        ['../etc/passwd', 'invalid_request'],
      ] as const) {
        expect([code, await yard.slot('default').switch(model)]).toMatchObject([
          code,
          { outcome: 'rejected', ref: 'ollama/alpha:latest', epoch: 1, error: { code } },
        ])
      }
      expect(engine.shelf.loads.length).toBe(before)
      expect(yard.slots.get('default')).toMatchObject({ state: 'serving', ref: 'ollama/alpha:latest', epoch: 1 })
    })
  })

  it('is already active for the same model with the same options, and another target with others', async () => {
    await withYard(async ({ yard }, engine) => {
      const slot = yard.slot('default')
      await slot.switch('alpha', { load: { contextLength: 2048 } })
      expect(await slot.switch('alpha', { load: { contextLength: 2048 } })).toMatchObject({ outcome: 'already_active', epoch: 1 })
      expect(await slot.switch('alpha', { load: { contextLength: 1024 } })).toMatchObject({ outcome: 'switched', epoch: 2 })
      expect(engine.shelf.loaded.get('alpha')?.contextLength).toBe(1024)
      // Every chat carries the options, so that none of them makes the engine load again.
      await yard.chat().complete({ messages: [{ role: 'user', content: 'x' }], maxTokens: 1 })
      expect(engine.shelf.loads).toEqual(['alpha', 'alpha'])
    })
  })

  it('asks which one when two engines have a model of that name', async () => {
    await using one = await fakeOllama({ models: [{ name: 'alpha' }] })
    await using two = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'beta' }] })
    await using test = await testYard({
      providers: { ollama: { kind: 'ollama', baseUrl: one.url }, other: { kind: 'ollama', baseUrl: two.url } },
    })
    const slot = test.yard.slot('default')
    expect(await slot.switch('alpha')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'model_ambiguous', details: { candidates: ['ollama/alpha:latest', 'other/alpha:latest'] } },
    })
    expect(await slot.switch('alpha', { provider: 'other' })).toMatchObject({ outcome: 'switched', ref: 'other/alpha:latest' })
    expect(await slot.switch('ollama/alpha')).toMatchObject({ outcome: 'switched', ref: 'ollama/alpha:latest' })
    await two.waitFor(() => two.shelf.loaded.size === 0)
    expect(await slot.switch('beta')).toMatchObject({ outcome: 'switched', ref: 'other/beta:latest' })
  })
})

describe('several switches of one slot', () => {
  it('end one after the other: the newer takes the place of what has not cut over', async () => {
    await withYard(async ({ yard }, engine) => {
      const slot = yard.slot('default')
      await slot.switch('alpha')
      engine.shelf.holdLoads()
      const first = slot.startSwitch('beta')
      await engine.waitFor(() => engine.shelf.loads.includes('beta'))
      const second = slot.startSwitch('gamma')
      expect(await first.result).toMatchObject({ outcome: 'superseded' })
      await engine.waitFor(() => engine.shelf.loads.includes('gamma'))
      engine.shelf.releaseLoads()
      expect(await second.result).toMatchObject({ outcome: 'switched', ref: 'ollama/gamma:latest', from: 'ollama/alpha:latest', epoch: 2 })
    })
  })

  it('a wish that cannot be met disturbs nothing that runs', async () => {
    await withYard(async ({ yard }, engine) => {
      const slot = yard.slot('default')
      engine.shelf.holdLoads()
      const running = slot.startSwitch('alpha')
      await engine.waitFor(() => engine.shelf.loads.includes('alpha'))
      expect(await slot.switch('nosuch')).toMatchObject({ outcome: 'rejected' })
      engine.shelf.releaseLoads()
      expect(await running.result).toMatchObject({ outcome: 'switched' })
    })
  })

  it('a cancel rolls back and answers when that is done; after the end it is a conflict', async () => {
    await withYard(async ({ yard }, engine) => {
      const slot = yard.slot('default')
      await slot.switch('alpha')
      engine.shelf.holdLoads()
      const running = slot.startSwitch('beta')
      await engine.waitFor(() => engine.shelf.loads.includes('beta'))
      const cancelled = yard.switches.cancel(running.id)
      engine.shelf.releaseLoads()
      expect(await cancelled).toMatchObject({ outcome: 'cancelled', ref: 'ollama/alpha:latest', epoch: 1 })
      await engine.waitFor(() => !engine.shelf.loaded.has('beta'))
      await expect(yard.switches.cancel(running.id)).rejects.toMatchObject({ code: 'conflict' })
      await expect(yard.switches.cancel('nosuch')).rejects.toMatchObject({ code: 'switch_not_found' })
    })
  })
})

describe('who may be unloaded', () => {
  const stranger = async (engine: FakeOllama, name: string): Promise<void> => {
    await fetch(`${engine.url}/api/generate`, { method: 'POST', body: JSON.stringify({ model: name, stream: false }) })
  }

  it('`replace` unloads what it loaded itself, and nobody else’s', async () => {
    await withYard(async ({ yard }, engine) => {
      await stranger(engine, 'gamma')
      await yard.slot('default').switch('alpha')
      await yard.slot('default').switch('beta', { policy: 'replace' })
      expect(inMemory(engine)).toEqual(['beta', 'gamma'])
    })
  })

  it('`exclusive` also what others loaded, but neither a pinned model nor one that serves another slot', async () => {
    await withYard(
      async ({ yard }, engine) => {
        await stranger(engine, 'gamma')
        await yard.slot('default').switch('alpha')
        await yard.slot('fast').switch('beta')
        expect(inMemory(engine)).toEqual(['alpha', 'beta', 'gamma'])
        await yard.models.update('ollama/alpha', { pinned: true })
        expect(await yard.slot('fast').switch('gamma', { policy: 'exclusive' })).toMatchObject({ outcome: 'switched' })
        await engine.waitFor(() => !engine.shelf.loaded.has('beta'))
        expect(inMemory(engine)).toEqual(['alpha', 'gamma'])
      },
      { yard: { slots: { fast: {} } } },
    )
  })

  it('`overlap` leaves the old model loaded', async () => {
    await withYard(async ({ yard }, engine) => {
      await yard.slot('default').switch('alpha')
      await yard.slot('default').switch('beta', { policy: 'overlap' })
      expect(await yard.slot('default').switch('alpha', { policy: 'overlap' })).toMatchObject({ outcome: 'switched' })
      expect(inMemory(engine)).toEqual(['alpha', 'beta'])
      expect(engine.shelf.loads).toEqual(['alpha', 'beta'])
    })
  })

  it('what cannot fit even alone is rejected before anything is touched', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'huge', sizeBytes: 1e15 }] })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    await test.yard.slot('default').switch('alpha')
    expect(await test.yard.slot('default').switch('huge', { policy: 'replace' })).toMatchObject({
      outcome: 'rejected',
      error: { code: 'out_of_memory' },
      ref: 'ollama/alpha:latest',
    })
    expect(engine.shelf.loads).toEqual(['alpha'])
  })

  it('a model that runs partly on the CPU is said to', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha', memoryBytes: 1000, gpuBytes: 750 }] })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    const { warnings } = await test.yard.slot('default').switch('alpha')
    expect(warnings.join()).toContain('25 %')
  })
})

describe('requests while a slot is switched', () => {
  it('wait in order under `replace`, and are answered by the new model', async () => {
    await withYard(async (test, engine) => {
      const slot = test.yard.slot('default')
      await slot.switch('alpha')
      engine.shelf.holdLoads()
      const running = slot.startSwitch('beta', { policy: 'replace' })
      await engine.waitFor(() => engine.shelf.loads.includes('beta'))
      const asked = [ask(test), ask(test)]
      expect(slot.get()).toMatchObject({ state: 'switching', waiting: 2 })
      engine.shelf.releaseLoads()
      expect(await running.result).toMatchObject({ outcome: 'switched' })
      for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ model: 'ollama/beta:latest', epoch: 2 })
    })
  })

  it('are waited for by `replace`, which gives up with nothing touched', async () => {
    await withYard(
      async ({ yard }, engine) => {
        await yard.slot('default').switch('alpha')
        const stream = yard
          .chat()
          .stream({ messages: [{ role: 'user', content: 'x' }], maxTokens: 1_000_000 })
          [Symbol.asyncIterator]()
        await stream.next()
        expect(await yard.slot('default').switch('beta', { policy: 'replace' })).toMatchObject({
          outcome: 'rejected',
          error: { code: 'conflict' },
          ref: 'ollama/alpha:latest',
        })
        expect(engine.shelf.loads).toEqual(['alpha'])
        expect((await stream.next()).done).toBe(false)
        await stream.return?.()
        expect(await yard.slot('default').switch('beta', { policy: 'replace' })).toMatchObject({ outcome: 'switched' })
      },
      { yard: { slots: { default: { drainSeconds: 0.05 } } } },
    )
  })

  it('are refused at once where nothing will serve, and after their deadline where something might', async () => {
    await withYard(
      async (test, engine) => {
        await expect(ask(test)).rejects.toMatchObject({ code: 'slot_empty' })
        engine.shelf.holdLoads()
        const running = test.yard.slot('default').startSwitch('alpha')
        await engine.waitFor(() => engine.shelf.loads.includes('alpha'))
        await expect(ask(test)).rejects.toMatchObject({ code: 'queue_timeout' })
        engine.shelf.releaseLoads()
        await running.result
      },
      { yard: { slots: { default: { queueSeconds: 0.05 } } } },
    )
  })

  it('fifty streams through twenty switches: none lost, mixed, cut or answered twice', async () => {
    await withYard(async ({ yard }) => {
      const slot = yard.slot('default')
      await slot.switch('alpha')
      let switching = true
      const streams = Array.from({ length: 50 }, async () => {
        let answered = 0
        while (switching) {
          let text = ''
          let model = ''
          let ends = 0
          for await (const part of yard.chat().stream({ messages: [{ role: 'user', content: 'x' }], maxTokens: 20 })) {
            if (part.type === 'start') model = part.model
            if (part.type === 'delta') text += part.text
            if (part.type === 'end') ends += 1
          }
          const name = model.replace(/^ollama\/|:latest$/g, '')
          expect(text).toBe(Array.from({ length: 20 }, (_, index) => `${name}#${index} `).join(''))
          expect(ends).toBe(1)
          answered += 1
        }
        return answered
      })
      for (let index = 0; index < 20; index += 1) {
        const policy = (['auto', 'overlap', 'replace', 'exclusive'] as const)[index % 4]
        expect(await slot.switch(['beta', 'gamma', 'alpha'][index % 3] ?? 'alpha', { policy })).toMatchObject({
          outcome: 'switched',
          epoch: index + 2,
        })
      }
      switching = false
      for (const answered of await Promise.all(streams)) expect(answered).toBeGreaterThan(0)
      expect(slot.get()).toMatchObject({ leases: 0, waiting: 0 })
    })
    // Thousands of streams: minutes where other work fills the machine.
  }, 180_000)
})

describe('what is remembered', () => {
  it('the choice, its options and pins over a restart: restored and verified before the first request', async () => {
    await using engine = await fakeOllama({ models })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    await test.yard.models.update('ollama/alpha', { load: { contextLength: 2048 }, pinned: true })
    await test.yard.slot('default').switch('alpha')
    engine.shelf.unload('alpha')
    await using again = await test.restart()
    expect(await ask(again)).toMatchObject({ model: 'ollama/alpha:latest', epoch: 1 })
    expect(engine.shelf.loaded.get('alpha')?.contextLength).toBe(2048)
    expect(await again.yard.models.get('ollama/alpha')).toMatchObject({ load: { contextLength: 2048 }, pinned: true, slots: ['default'] })
    expect(again.yard.switches.list()).toHaveLength(1)
  })

  it('what it had loaded before the restart is still its own to unload', async () => {
    await using engine = await fakeOllama({ models })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    await test.yard.slot('default').switch('alpha')
    await using again = await test.restart()
    await ask(again)
    expect(engine.shelf.loads).toEqual(['alpha'])
    expect(await again.yard.slot('default').switch('beta', { policy: 'replace' })).toMatchObject({ outcome: 'switched' })
    expect(inMemory(engine)).toEqual(['beta'])
    await using third = await again.restart()
    await ask(third)
    expect(await third.yard.slot('default').switch('gamma', { policy: 'auto' })).toMatchObject({ outcome: 'switched' })
    await engine.waitFor(() => !engine.shelf.loaded.has('beta'))
  })

  it('`lazy` brings it up for the first request only', async () => {
    await using engine = await fakeOllama({ models })
    await using test = await testYard({
      providers: { ollama: { kind: 'ollama', baseUrl: engine.url } },
      slots: { default: { restore: 'lazy' } },
    })
    await test.yard.slot('default').switch('alpha')
    engine.shelf.unload('alpha')
    await using again = await test.restart()
    expect(again.yard.slots.get('default')).toMatchObject({ state: 'unverified', ref: 'ollama/alpha:latest' })
    expect(engine.shelf.loaded.size).toBe(0)
    expect(await ask(again)).toMatchObject({ model: 'ollama/alpha:latest' })
    expect(again.yard.slots.get('default')).toMatchObject({ state: 'serving' })
  })

  it('the .env wins at start, and a broken one is said with its line', async () => {
    await using engine = await fakeOllama({ models })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    await test.yard.slot('default').switch('alpha')
    const path = join(test.home, '.env')
    await writeFile(path, '# mine\nMODELYARD_MODEL=beta\nOTHER=1\n')
    await using again = await test.restart()
    expect(await ask(again)).toMatchObject({ model: 'ollama/beta:latest' })
    await writeFile(path, 'A=1\nMODELYARD_MODEL=beta\nMODELYARD_MODEL=alpha\n')
    await using broken = await again.restart()
    expect(broken.yard.slots.get('default')).toMatchObject({
      state: 'unverified',
      reason: { code: 'invalid_env_file', message: expect.stringContaining('.env:3') },
    })
    expect(await broken.yard.slot('default').switch('alpha')).toMatchObject({
      outcome: 'switched',
      persisted: false,
      warnings: [expect.stringContaining('.env:3')],
    })
  })

  it('a choice whose engine is not there yet is tried again when it is', async () => {
    const engine = await fakeOllama({ models })
    const { port, url } = engine
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: url } } })
    await test.yard.slot('default').switch('alpha')
    await engine.close()
    await using again = await test.restart()
    await again.waitFor((event) => event.type === 'slot.changed' && event.slot.reason !== undefined)
    expect(again.yard.slots.get('default')).toMatchObject({ state: 'unverified', ref: 'ollama/alpha:latest' })
    await expect(ask(again)).rejects.toMatchObject({ code: 'slot_unavailable' })
    await using back = await fakeOllama({ models, port })
    await again.yard.detect()
    await again.waitFor((event) => event.type === 'slot.changed' && event.slot.state === 'serving')
    expect(await ask(again)).toMatchObject({ model: 'ollama/alpha:latest' })
    expect(back.shelf.loads).toEqual(['alpha'])
  })
})

describe('a restore that a switch overtakes', () => {
  it('is taken up again when that switch fails', async () => {
    await using engine = await fakeOllama({ models })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    await test.yard.slot('default').switch('alpha')
    engine.shelf.unload('alpha')
    engine.shelf.holdLoads()
    await using again = await test.restart()
    await engine.waitFor(() => engine.shelf.loads.length === 2)
    const failing = again.yard.slot('default').switch('broken')
    await engine.waitFor(() => engine.shelf.loads.includes('broken'))
    engine.shelf.releaseLoads()
    expect(await failing).toMatchObject({ outcome: 'rolled_back' })
    expect(await ask(again)).toMatchObject({ model: 'ollama/alpha:latest' })
  })
})
