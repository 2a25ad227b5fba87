import { describe, expect, it } from 'vitest'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import { notAborted, providerConfig } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, refusing, withOllama } from './with-ollama.ts'

const list = (models: object[]) => answering({ 'GET /api/tags': { models } })

describe('the list', () => {
  it('is what Ollama holds', async () => {
    await withOllama(answering({ 'GET /api/tags': '0.32.15/19-tags' }), async (provider, engine) => {
      expect(await provider.list(notAborted())).toEqual([
        {
          name: 'tiny-a:latest',
          identity: 'f2ca14f68c5d373b8d78d9dc88f64741ddcca2500cd249dfb19dbcf9b7669db4',
          kind: 'chat',
          capabilities: ['completion'],
          family: 'llama',
          parameters: '123K',
          quantization: undefined,
          format: 'gguf',
          sizeBytes: 502232,
          contextLength: 512,
          modifiedAt: '2026-11-23T00:47:39.099Z',
        },
        expect.objectContaining({ name: 'tiny-b:v1', sizeBytes: 502248 }),
      ])
      expect(engine.lines()).toEqual(['GET /api/tags'])
    })
  })

  it.each(['0.32.15/04-tags-empty', { models: null }])('is empty where nothing is there: %j', async (reply) => {
    await withOllama(answering({ 'GET /api/tags': reply }), async (provider) => {
      expect(await provider.list(notAborted())).toEqual([])
    })
  })

  it('says of each model what it is for', async () => {
    const entry = (name: string, capabilities: string[], family = 'llama') => ({ name, digest: name, capabilities, details: { family } })
    const models = [
      entry('qwen3:8b', ['completion', 'tools', 'thinking']),
      entry('nomic-embed-text:latest', ['embedding'], 'nomic-bert'),
      entry('community-embedder:latest', ['completion'], 'bert'),
      entry('bge-reranker-v2-m3:latest', ['completion'], 'xlm-roberta'),
      entry('flux2:latest', ['image']),
      entry('strange:latest', ['constructor', '__proto__', 'completion']),
    ]
    await withOllama(list(models), async (provider) => {
      expect((await provider.list(notAborted())).map(({ name, kind, capabilities }) => [name, kind, capabilities])).toEqual([
        ['qwen3:8b', 'chat', ['completion', 'tools', 'reasoning']],
        ['nomic-embed-text:latest', 'embedding', ['embedding']],
        ['community-embedder:latest', 'embedding', ['completion']],
        ['bge-reranker-v2-m3:latest', 'reranker', ['completion']],
        ['flux2:latest', 'other', ['image']],
        ['strange:latest', 'chat', ['completion']],
      ])
    })
  })

  it('tells a model that runs elsewhere, and not the size of its stub', async () => {
    const stub = { name: 'glm-5:cloud', remote_host: 'https://ollama.com', size: 384, digest: 'd', capabilities: ['completion'] }
    await withOllama(list([stub]), async (provider) => {
      const [model] = await provider.list(notAborted())
      expect(model).toMatchObject({ name: 'glm-5:cloud', remote: true, sizeBytes: undefined })
    })
  })

  it('takes names that nobody could type for no models, and keeps the rest', async () => {
    const names = ['\u001b[2Jx', 'a'.repeat(2 ** 20), '../../etc/passwd', '', 7, null, 'good:latest', 'bidi\u202e']
    await withOllama(list(names.map((name) => ({ name, digest: 'd', capabilities: ['completion'] }))), async (provider) => {
      expect((await provider.list(notAborted())).map(({ name }) => name)).toEqual(['good:latest'])
    })
  })

  it('leaves out what has a wrong type', async () => {
    const odd = {
      name: 'a',
      size: '12',
      digest: {},
      modified_at: 7,
      capabilities: 'all',
      details: { family: [], context_length: -4, format: 1 },
    }
    await withOllama(answering({ 'GET /api/tags': { models: [odd, 7, null] }, 'POST /api/show': {} }), async (provider) => {
      expect(await provider.list(notAborted())).toEqual([{ name: 'a', kind: 'chat', capabilities: ['completion'] }])
    })
  })

  it.each([['a web page'], ['{"models":{}}'], ['[]'], ['7'], ['{"models":[']])(
    'is an error of the protocol when it is none: %s',
    async (text) => {
      const odd = answering({ 'GET /api/tags': (response) => response.writeHead(200).end(text) })
      await withOllama(odd, async (provider) => {
        expect((await failureOf(provider.list(notAborted()))).code).toBe('provider_protocol')
      })
    },
  )

  it('says that a foreign name was refused', async () => {
    await withOllama(answering({ 'GET /api/tags': '0.32.15/74-host-foreign' }), async (provider) => {
      expect((await failureOf(provider.list(notAborted()))).code).toBe('provider_error')
    })
  })
})

describe('the list of older versions', () => {
  const old = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `m${i}:latest`, digest: `d${i}`, details: { family: 'llama' } }))

  it('is completed model by model, a few at once, each digest once', async () => {
    let asking = 0
    let most = 0
    const answer = answering({
      'GET /api/tags': { models: [...old(20), { name: 'none:latest', digest: 'n', capabilities: [] }] },
      'POST /api/show': (response) => {
        most = Math.max(most, ++asking)
        setImmediate(() => {
          asking -= 1
          response.end(JSON.stringify({ capabilities: ['completion', 'vision'] }))
        })
      },
    })
    await withOllama(answer, async (provider, engine) => {
      for (let round = 0; round < 2; round++) {
        const models = await provider.list(notAborted())
        expect(models).toHaveLength(21)
        for (const model of models) expect(model.capabilities).toEqual(['completion', 'vision'])
      }
      expect(engine.lines().filter((line) => line === 'POST /api/show')).toHaveLength(21)
      expect(most).toBeLessThanOrEqual(4)
    })
  })

  it('takes the weights for evidence where even that tells nothing', async () => {
    const show = { model_info: { 'general.architecture': 'odd', 'odd.pooling_type': 1 } }
    await withOllama(answering({ 'GET /api/tags': { models: old(1) }, 'POST /api/show': show }), async (provider) => {
      expect(await provider.list(notAborted())).toMatchObject([{ kind: 'embedding', capabilities: ['embedding'] }])
    })
  })

  it('is not lost over one model that cannot be shown, which is asked for again', async () => {
    const replies = [refusing(500, 'broken'), { capabilities: ['embedding'] }]
    await withOllama(answering({ 'GET /api/tags': { models: old(1) }, 'POST /api/show': replies }), async (provider) => {
      expect(await provider.list(notAborted())).toMatchObject([{ kind: 'chat' }])
      expect(await provider.list(notAborted())).toMatchObject([{ kind: 'embedding' }])
    })
  })

  it('forgets digests that are gone', async () => {
    const tags = [{ models: old(1) }, { models: [] }, { models: old(1) }]
    await withOllama(answering({ 'GET /api/tags': tags, 'POST /api/show': { capabilities: ['completion'] } }), async (provider, engine) => {
      for (let round = 0; round < 3; round++) await provider.list(notAborted())
      expect(engine.lines().filter((line) => line === 'POST /api/show')).toHaveLength(2)
    })
  })
})

describe('one model', () => {
  it.each(['20-show', '21-show-verbose'])('has what memory is estimated from, and no path (%s)', async (show) => {
    const answer = answering({ 'GET /api/tags': '0.32.15/19-tags', 'POST /api/show': `0.32.15/${show}` })
    await withOllama(answer, async (provider, engine) => {
      const model = await provider.show('TINY-A', notAborted())
      expect(model).toMatchObject({
        name: 'tiny-a:latest',
        contextLength: 512,
        architecture: { layers: 2, headsKv: 4, keyLength: 16, valueLength: 16 },
        capabilities: ['completion'],
      })
      expect(model.template).toContain('assistant')
      expect(JSON.stringify(model)).not.toMatch(/blobs|\/var|modelfile/i)
      expect(engine.asked.find(({ path }) => path === '/api/show')?.body).toEqual({ model: 'TINY-A' })
    })
  })

  it('that is not there is not found', async () => {
    const answer = answering({ 'GET /api/tags': '0.32.15/19-tags', 'POST /api/show': '0.32.15/22-show-unknown' })
    await withOllama(answer, async (provider) => {
      expect(await failureOf(provider.show('nope', notAborted()))).toMatchObject({
        code: 'model_not_found',
        message: "Ollama: model 'nope:latest' not found",
      })
    })
  })
})

describe('names', () => {
  const { sameModel } = createOllama(providerConfig({ kind: 'ollama' }))

  it.each([
    ['qwen3', 'qwen3:latest'],
    ['Qwen3:8B', 'qwen3:8b'],
    ['library/qwen3', 'qwen3'],
    ['registry.ollama.ai/library/qwen3:latest', 'qwen3'],
    ['hf.co/User/Repo-GGUF:Q4_K_M', 'huggingface.co/user/repo-gguf:q4_k_m'],
    ['localhost:5000/ns/m', 'LOCALHOST:5000/ns/m:latest'],
  ])('%s is %s', (a, b) => expect(sameModel(a, b)).toBe(true))

  it.each([
    ['qwen3', 'qwen3:8b'],
    ['user/qwen3', 'qwen3'],
    ['hf.co/u/m', 'u/m'],
    ['localhost:5000/ns/m', 'localhost:5001/ns/m'],
  ])('%s is not %s', (a, b) => expect(sameModel(a, b)).toBe(false))
})
