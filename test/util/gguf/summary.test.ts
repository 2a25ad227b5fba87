import { describe, expect, it } from 'vitest'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { chatTemplate } from '../../../src/testing/gguf/tiny-llama.ts'
import { encodeGguf, type GgufTensor, type GgufValue } from '../../../src/testing/gguf/write-gguf.ts'
import { memorySource } from '../../../src/util/gguf/byte-source.ts'
import { readBeginning, readSummary } from '../../../src/util/gguf/summary.ts'

const value = (one: number | string | readonly number[]): GgufValue => {
  if (typeof one === 'number') return { type: 'u32', value: one }
  return typeof one === 'string' ? { type: 'string', value: one } : { type: 'i32s', value: one }
}
const sourceOf = (metadata: Record<string, number | string | readonly number[]>, tensors: readonly GgufTensor[] = []) =>
  memorySource(encodeGguf({ metadata: Object.fromEntries(Object.entries(metadata).map(([key, one]) => [key, value(one)])), tensors }))

const qwen = {
  'general.architecture': 'qwen3',
  'general.name': 'Qwen3 8B',
  'general.file_type': 15,
  'qwen3.context_length': 40_960,
  'qwen3.embedding_length': 4096,
  'qwen3.block_count': 36,
  'qwen3.attention.head_count': 32,
  'qwen3.attention.head_count_kv': 8,
  'qwen3.attention.key_length': 128,
  'qwen3.attention.value_length': 128,
}

describe('a header in our words', () => {
  it('tells what the model is', async () => {
    expect(await readSummary(memorySource(tinyGguf({ name: 'A model', contextLength: 1024 })))).toEqual({
      architecture: 'llama',
      name: 'A model',
      quantization: 'F32',
      contextLength: 1024,
      template: chatTemplate,
      parameters: 123_200,
      cache: { layers: 2, headsKv: 4, keyLength: 16, valueLength: 16 },
      role: 'model',
    })
  })

  it('tells the shape of the cache', async () => {
    expect(await readSummary(sourceOf(qwen))).toMatchObject({
      quantization: 'Q4_K_M',
      cache: { layers: 36, headsKv: 8, keyLength: 128, valueLength: 128 },
    })
    const { 'qwen3.attention.head_count_kv': _, ...withoutSharing } = qwen
    expect((await readSummary(sourceOf(withoutSharing))).cache?.headsKv).toBe(32)
  })

  it.each<[string, Record<string, number | string | readonly number[]>]>([
    ['heads differ from layer to layer', { 'qwen3.attention.head_count_kv': [8, 0, 8] }],
    ['a state takes its place', { 'qwen3.ssm.state_size': 128 }],
    ['there are no heads', { 'qwen3.attention.head_count_kv': 0 }],
    ['there are more layers than any model has', { 'qwen3.block_count': 4_000_000_000 }],
    ['it is told in words', { 'qwen3.block_count': 'many' }],
  ])('no shape where %s', async (_, change) => {
    expect(await readSummary(sourceOf({ ...qwen, ...change }))).not.toHaveProperty('cache')
  })

  it.each<[string, string, Record<string, string | number>]>([
    ['a projector by its architecture', 'projector', { 'general.architecture': 'clip' }],
    ['a projector by its type', 'projector', { 'general.architecture': 'x', 'general.type': 'mmproj' }],
    ['an adapter', 'adapter', { 'general.architecture': 'llama', 'general.type': 'adapter' }],
    ['an importance matrix', 'other', { 'general.type': 'imatrix' }],
    ['a model that says so', 'model', { 'general.architecture': 'llama', 'general.type': 'model' }],
    ['a later shard', 'model', { 'split.no': 1, 'split.count': 2 }],
    ['who knows what', 'other', { 'some.key': 1 }],
  ])('%s', async (_, role, metadata) => expect((await readSummary(sourceOf(metadata))).role).toBe(role))

  it('shards count from 1; one of one is whole; their values are not those of the model', async () => {
    const tensor = { name: 'a', shape: [32], data: new Float32Array(32) }
    const shard = { ...qwen, 'split.no': 0, 'split.count': 3 }
    expect(await readSummary(sourceOf(shard, [tensor]))).toMatchObject({ shard: { index: 1, count: 3 } })
    expect(await readSummary(sourceOf(shard, [tensor]))).not.toHaveProperty('parameters')
    expect(await readSummary(sourceOf({ ...shard, 'split.count': 1 }, [tensor]))).toMatchObject({ parameters: 32 })
    expect(await readSummary(sourceOf({ ...shard, 'general.parameter_count': 8e8 }, [tensor]))).toMatchObject({ parameters: 8e8 })
  })

  it.each(['a\u001b[31mb', 'a\u202eb', '', 'x'.repeat(201)])('a name with what nobody can see is none: %j', async (name) => {
    expect(await readSummary(sourceOf({ ...qwen, 'general.name': name }))).not.toHaveProperty('name')
  })

  it('its beginning ends before the vocabulary, and what follows is not read', async () => {
    const bytes = tinyGguf()
    const vocabulary = Buffer.from(bytes).indexOf('tokenizer.ggml.model')
    const begun = await readBeginning(memorySource(bytes.subarray(0, vocabulary + 30)))
    expect(begun).toMatchObject({ architecture: 'llama', cache: { layers: 2 }, contextLength: 512 })
    expect(begun).not.toHaveProperty('template')
  })
})
