/** Vectors on real llama.cpp, and which model makes them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { orderOf } from '../../../src/providers/embedded/chat-order.ts'
import { startChild } from '../../../src/providers/embedded/engine-child.ts'
import { findEngine } from '../../../src/providers/embedded/engine-folder.ts'
import type { Embeddings, EmbedRequest } from '../../../src/providers/provider.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { ask, type Embedded, embedded, soon, textOf } from './support.ts'

describe('vectors', () => {
  let subject: Embedded
  beforeAll(async () => {
    subject = await embedded({ 'e.gguf': tinyGguf({ embedding: true }), 'm.gguf': tinyGguf() })
    await subject.provider.load('e', {}, { signal: AbortSignal.timeout(60_000) })
  }, 60_000)
  afterAll(() => subject[Symbol.asyncDispose]())

  const embed = async (request: Partial<EmbedRequest>, signal = soon()): Promise<Embeddings> => {
    const embeddings = await subject.provider.embed?.({ model: 'e', input: ['hello world'], ...request }, { signal })
    if (!embeddings) throw new TypeError('expected embeddings')
    return embeddings
  }

  it('are of length 1, one for each text in its order, the same whenever they are asked for', async () => {
    const { vectors, promptTokens } = await embed({ input: ['hello world', 'a b c', 'hello world'] })
    expect(vectors.map((one) => [one.length, Math.hypot(...one).toFixed(6)])).toEqual([1, 2, 3].map(() => [64, '1.000000']))
    expect(vectors[0]).not.toEqual(vectors[1])
    expect(vectors[2]).toEqual(vectors[0])
    expect(promptTokens).toBeGreaterThan(6)
    expect((await embed({})).vectors).toEqual([vectors[0]])
  })

  it('come from a model that is in memory and counted there', async () => {
    const instance = await subject.provider.load('e', {}, { signal: soon() })
    expect(instance).toMatchObject({ contextLength: 512, memoryBytes: expect.any(Number), state: 'ready' })
    await embed({})
    expect((await subject.provider.loaded(soon())).filter(({ name }) => name === 'e').length).toBe(1)
  })

  it('are refused of a chat model, of a model that is not there, in another length, and of a text that is too long', async () => {
    await expect(embed({ model: 'm' })).rejects.toMatchObject({ code: 'unsupported_operation' })
    await expect(embed({ model: 'x' })).rejects.toMatchObject({ code: 'model_not_found' })
    await expect(embed({ dimensions: 32 })).rejects.toMatchObject({ code: 'invalid_request', details: { field: 'dimensions' } })
    await expect(embed({ input: ['x', ''] })).rejects.toMatchObject({ code: 'invalid_request', details: { field: 'input[1]' } })
    expect((await embed({ dimensions: 64 })).vectors[0]).toHaveLength(64)
    await expect(embed({ input: ['x', 'long '.repeat(300)] })).rejects.toMatchObject({
      code: 'context_length_exceeded',
      details: { contextLength: 512 },
    })
  })

  it('that are not wanted any more end, and the next are made', async () => {
    await subject.provider.load('e', {}, { signal: soon() })
    const abort = new AbortController()
    const asked = embed({ input: Array.from({ length: 2000 }, () => 'word '.repeat(50)) }, abort.signal)
    setImmediate(() => abort.abort())
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect((await embed({})).vectors).toHaveLength(1)
    await expect(embed({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('and chats of one model need it in memory anew', async () => {
    expect(await textOf(ask(subject.provider, 'e', 4, AbortSignal.timeout(50_000)))).not.toBe('')
    expect((await subject.provider.loaded(soon())).filter(({ name }) => name === 'e').length).toBe(1)
  }, 60_000)
})

describe('a child', () => {
  it('that is killed while it makes vectors or counts says so, and one that is loaded for the other purpose refuses', async () => {
    const engine = await findEngine({ home: '/nonexistent' })
    if (!engine) throw new TypeError('npm run setup')
    await using subject = await embedded({ 'e.gguf': tinyGguf({ embedding: true }) })
    const child = startChild({ entry: engine.entry, gpu: false })
    const wanted = { path: `${subject.library}/e.gguf`, purpose: 'embedding' as const, contextLength: 512, threads: 1, sequences: 1 }
    await child.load(wanted, { signal: AbortSignal.timeout(60_000) })
    const order = orderOf({ messages: [{ role: 'user', content: 'x' }] })
    await expect(child.count(order, soon())).rejects.toMatchObject({ code: 'not_a_chat_model' })
    await expect(child.chat('e', order, soon()).return?.()).resolves.toMatchObject({ done: true })
    const asked = child.embed(
      Array.from({ length: 2000 }, () => 'word '.repeat(50)),
      soon(),
    )
    expect(child.busy).toBe(1)
    if (child.pid) process.kill(child.pid, 'SIGKILL')
    await expect(asked).rejects.toMatchObject({ code: 'provider_error', message: expect.stringContaining('SIGKILL') })
    await expect(child.count(order, soon())).rejects.toMatchObject({ code: 'provider_error' })
    expect(child.busy).toBe(0)
  }, 90_000)
})
