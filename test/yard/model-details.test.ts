/** One model with what is known of it: what it takes in memory, and that a change of what is remembered is told. */
import { describe, expect, it } from 'vitest'
import { estimateMemory, memoryPartsOf } from '../../src/switching/estimate-memory.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { testYard } from '../support/test-yard.ts'

const cache = { layers: 2, headsKv: 4, keyLength: 16, valueLength: 16 }
const model = { name: 'm', kind: 'chat' as const, capabilities: [] }

describe('what a model takes in memory', () => {
  it('is in the details of an installed model, token by token where the shape of its cache is known', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha', sizeBytes: 1_000_000_000, contextLength: 40_960 }] })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    const { details } = await test.yard.models.get('alpha')
    expect(details?.memory).toEqual({
      weightsBytes: 1_000_000_000,
      overheadBytes: 114_000_000,
      contextBytesPerToken: 2 * 4 * (16 + 16) * 2,
      assumedContext: 8192,
    })
  })

  it('is what a switch reckons with', () => {
    const parts = memoryPartsOf({ ...model, sizeBytes: 1e9, architecture: cache, contextLength: 2048 })
    expect(parts).toMatchObject({ assumedContext: 2048, contextBytesPerToken: 512 })
    const of = (contextLength?: number) =>
      estimateMemory({ ...model, sizeBytes: 1e9, architecture: cache, contextLength: 40_960 }, contextLength ? { contextLength } : {})
    expect((of(16_384) ?? 0) - (of(8192) ?? 0)).toBe(8192 * 512)
    expect(of()).toBe(of(8192))
  })

  it('says nothing of a context whose shape is not known, nor of a model that lies elsewhere', () => {
    expect(memoryPartsOf({ ...model, sizeBytes: 1e9 })).not.toHaveProperty('contextBytesPerToken')
    expect(memoryPartsOf({ ...model, sizeBytes: 1e9, remote: true })).toBeUndefined()
    expect(memoryPartsOf(model)).toBeUndefined()
  })
})

describe('what is remembered of a model', () => {
  it('is told to everybody who watches when it changes', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }] })
    await using test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    const stop = new AbortController()
    await test.yard.detect()
    const events = test.yard.events({ signal: stop.signal })[Symbol.asyncIterator]()
    expect((await events.next()).value).toMatchObject({ type: 'snapshot' })
    await test.yard.models.update('alpha', { pinned: true })
    expect((await events.next()).value).toMatchObject({ type: 'models.changed', provider: 'ollama' })
    const { models } = await test.yard.models.list()
    expect(models).toMatchObject([{ ref: 'ollama/alpha:latest', pinned: true }])
    stop.abort()
  })
})
