import { describe, expect, it } from 'vitest'
import { ollamaPs, ollamaShow, ollamaTags } from '../../../src/gateway/ollama/index.ts'
import { recorded, shapeOf } from '../answering.ts'
import { choices, empty, served } from '../listed.ts'

type Listed = { models: Record<string, unknown>[] }
const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/)

describe('the list of models', () => {
  const { models } = ollamaTags(choices) as Listed
  it('has the shape of the recorded one', () => {
    // What the engine would have to read from the file.
    expect(shapeOf({ models }, ['embedding_length'])).toEqual(shapeOf(recorded('ollama/0.32.15/19-tags.json').json, ['embedding_length']))
  })
  it('names slots first, each with what answers to it', () => {
    expect(models.map(({ name, model, size }) => [name, model, size])).toEqual([
      ['default', 'default', 5_000_000],
      ['spare', 'spare', 0],
      ['ollama/qwen3:8b', 'ollama/qwen3:8b', 5_000_000],
      ['llama/tiny', 'llama/tiny', 0],
    ])
    expect(models[0]).toMatchObject({
      modified_at: '2026-02-01T00:00:00.000Z',
      digest: 'a'.repeat(64),
      capabilities: ['completion', 'tools', 'thinking'],
      details: {
        format: 'gguf',
        family: 'qwen3',
        families: ['qwen3'],
        parameter_size: '8.2B',
        quantization_level: 'Q4_K_M',
        context_length: 40_960,
      },
    })
  })
  it('has for what nobody knows what Ollama itself has', () => {
    expect(models[3]).toMatchObject({ modified_at: '0001-01-01T00:00:00Z', details: { family: '', families: null, parameter_size: '' } })
  })
  it('has a digest for each, the same for the same model', () => {
    const digests = models.map(({ digest }) => digest)
    expect(digests).toEqual([sha256, sha256, sha256, sha256])
    expect([digests[2] === digests[0], new Set(digests).size]).toEqual([true, 3])
  })
})

describe('what is in memory', () => {
  const { models } = ollamaPs(choices) as Listed
  it('has the shape of the recorded one', () =>
    expect(shapeOf({ models })).toEqual(shapeOf(recorded('ollama/0.32.15/25-ps-one.json').json)))
  it('stands there under each of its names', () => {
    expect(models.map(({ name, size, size_vram, expires_at }) => [name, size, size_vram, expires_at])).toEqual([
      ['default', 6_000_000, 4_000_000, '2026-03-01T10:05:00.000Z'],
      ['ollama/qwen3:8b', 6_000_000, 4_000_000, '2026-03-01T10:05:00.000Z'],
      ['llama/tiny', 0, 0, '2319-01-01T00:00:00Z'],
    ])
  })
})

describe('one model', () => {
  it('is told with its context, as trained and as configured', () => {
    expect(ollamaShow(served)).toEqual({
      modelfile: 'FROM default\n',
      parameters: 'num_ctx 8192',
      template: '',
      details: {
        parent_model: '',
        format: 'gguf',
        family: 'qwen3',
        families: ['qwen3'],
        parameter_size: '8.2B',
        quantization_level: 'Q4_K_M',
      },
      model_info: { 'general.architecture': 'qwen3', 'general.name': 'Qwen 3', 'qwen3.context_length': 40_960 },
      capabilities: ['completion', 'tools', 'thinking'],
      modified_at: '2026-02-01T00:00:00.000Z',
    })
  })
  it('has no field that the recorded one has not, but for those only some models have', () => {
    const real = recorded('ollama/0.32.15/20-show.json').json as object
    const { parameters, ...ours } = ollamaShow(served) as Record<string, unknown>
    expect(Object.keys(real)).toEqual(expect.arrayContaining(Object.keys(ours)))
  })
  it('is told for an empty slot too', () =>
    expect(ollamaShow(empty)).toMatchObject({ capabilities: [], model_info: { 'general.architecture': 'unknown' } }))
})
