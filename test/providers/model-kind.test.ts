import { describe, expect, it } from 'vitest'
import { kindFromName, kindOf } from '../../src/providers/model-kind.ts'

describe('the kind by name', () => {
  it.each([
    'nomic-embed-text',
    'nomic-embed-text:v1.5',
    'mxbai-embed-large',
    'snowflake-arctic-embed2:latest',
    'embeddinggemma:300m',
    'qwen3-embedding:8b',
    'text-embedding-3-small',
    'text-embedding-nomic-embed-text-v1.5@q4_k_m',
    'bge-m3',
    'BAAI/bge-large-en-v1.5',
    'all-minilm:22m',
    'intfloat/multilingual-e5-large',
    'gte-Qwen2-1.5B-instruct',
    'paraphrase-multilingual',
    'hf.co/CompendiumLabs/bge-large-en-v1.5-gguf:q8_0',
  ])('%s is for embedding', (name) => expect(kindFromName(name)).toBe('embedding'))

  it.each(['bge-reranker-v2-m3', 'Qwen3-Reranker-0.6B', 'jina-rerank', 're-ranker'])('%s ranks', (name) =>
    expect(kindFromName(name)).toBe('reranker'),
  )

  it.each([
    'qwen3:8b',
    'llama3.2',
    'gemma3n:e4b',
    'gemma-4-e5b-it',
    'mistral-small',
    'deepseek-r1:7b',
    'embedded-systems-expert:7b',
    'eclipse-7b',
    'gpt-oss',
    'tiny-a',
    'phi4',
    'gateway-3b',
  ])('%s chats', (name) => expect(kindFromName(name)).toBe('chat'))

  it.each(['whisper-large-v3', 'flux', 'stable-diffusion-xl', 'mmproj-model-f16'])('%s does something else', (name) =>
    expect(kindFromName(name)).toBe('other'),
  )
})

describe('the kind by all that is known', () => {
  it.each([
    ['capabilities before the name', { name: 'embed-chat', capabilities: ['embedding'] }, 'embedding'],
    ['a reranker among embedders by its name', { name: 'bge-reranker', capabilities: ['embedding'] }, 'reranker'],
    ['pictures', { name: 'x', capabilities: ['completion', 'image'] }, 'other'],
    ['no completion', { name: 'x', capabilities: ['audio'] }, 'other'],
    ['weights that pool', { name: 'x', capabilities: ['completion'], pooling: true }, 'embedding'],
    ['a family of embedders', { name: 'x', capabilities: ['completion'], family: 'nomic-bert' }, 'embedding'],
    [
      'the name where an engine calls everything a chat model',
      { name: 'bge-m3', capabilities: ['completion'], family: 'llama' },
      'embedding',
    ],
    ['nothing known', { name: 'x', capabilities: [] }, 'chat'],
  ] as const)('%s', (_, evidence, kind) => expect(kindOf(evidence)).toBe(kind))
})
