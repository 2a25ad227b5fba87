/** Every provider against the one suite: over the fakes, over real llama.cpp, and over live engines where they are named. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { ProviderKind } from '../../src/contract/index.ts'
import type { ResolvedProvider } from '../../src/contract/resolved-provider.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { createProviders } from '../../src/providers/registry.ts'
import { fakeLlamaServer } from '../../src/testing/fakes/fake-llama-server.ts'
import { fakeLmStudio } from '../../src/testing/fakes/fake-lmstudio.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { fakeOpenAi } from '../../src/testing/fakes/fake-openai.ts'
import type { FakeServer } from '../../src/testing/fakes/fake-server.ts'
import { damagedGguf } from '../../src/testing/gguf/damaged-gguf.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'
import { type ConformanceSubject, providerConformance } from '../../src/testing/provider-suite.ts'
import { modelIn } from '../support/import-model.ts'
import { testFolder } from '../support/test-yard.ts'
import { liveLlamaCpp, liveOllama } from './live-engines.ts'

const models = [
  { name: 'alpha', tools: true },
  { name: 'beta' },
  { name: 'embedder', kind: 'embedding' as const },
  { name: 'broken', broken: true },
]
const names = { chat: 'alpha', other: 'beta', embedding: 'embedder', broken: 'broken' }

/** With the wrappers that the yard puts around it. */
function providerAt(
  kind: ProviderKind,
  baseUrl: string | undefined,
  more: Partial<ResolvedProvider> & { library?: string; home?: string } = {},
): Provider {
  const { library = '/nonexistent', home = '/nonexistent', ...config } = more
  const [provider] = createProviders([{ id: kind, kind, enabled: true, baseUrl, ...config }], {
    isOurs: () => false,
    library,
    home,
    log: () => {},
  })
  if (!provider) throw new TypeError('no provider')
  return provider
}

async function over(engine: FakeServer, provider: Provider, subject: ConformanceSubject['models'] = names): Promise<ConformanceSubject> {
  return {
    provider,
    models: subject,
    async [Symbol.asyncDispose]() {
      await provider.close()
      await engine.close()
    },
  }
}

const runner = { describe, it }

providerConformance(runner, {
  name: 'ollama',
  async create() {
    const home = await testFolder()
    const [store, library] = [join(home, 'store'), join(home, 'library')]
    const projector = { name: 'mmproj-F16.gguf', bytes: 'eyes' }
    const importable = await modelIn(library, { repo: 'lab/New-GGUF', weights: { 'new-Q8_0.gguf': 'GGUF' }, projector })
    const engine = await fakeOllama({ models, store })
    const inner = await over(engine, providerAt('ollama', engine.url, { modelsDir: store, library }), { ...names, importable })
    return {
      ...inner,
      async [Symbol.asyncDispose]() {
        await inner[Symbol.asyncDispose]()
        await rm(home, { recursive: true, force: true })
      },
    }
  },
})

/** An engine that reads a folder, beside a library with a model that it does not have. */
async function withFolder(
  create: (modelsDir: string, library: string) => Promise<{ engine: FakeServer; provider: Provider }>,
  subject: ConformanceSubject['models'],
): Promise<ConformanceSubject> {
  const home = await testFolder()
  const [modelsDir, library] = [join(home, 'models'), join(home, 'library')]
  await mkdir(modelsDir)
  const weights = { 'new-Q8_0-00001-of-00002.gguf': 'first', 'new-Q8_0-00002-of-00002.gguf': 'second' }
  const importable = await modelIn(library, { repo: 'lab/New-GGUF', weights, projector: { name: 'mmproj-F16.gguf', bytes: 'eyes' } })
  const { engine, provider } = await create(modelsDir, library)
  const inner = await over(engine, provider, { ...subject, importable })
  return {
    ...inner,
    async [Symbol.asyncDispose]() {
      await inner[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}

for (const level of ['v1', 'v0', 'openai'] as const) {
  providerConformance(runner, {
    name: `lmstudio (${level})`,
    create: () =>
      withFolder(async (modelsDir, library) => {
        for (const { name } of models) {
          await mkdir(join(modelsDir, 'lab', name), { recursive: true })
          await writeFile(join(modelsDir, 'lab', name, `${name}.gguf`), name)
        }
        const engine = await fakeLmStudio({ models, level, modelsDir })
        const provider = providerAt('lmstudio', engine.url, { modelsDir, library })
        await provider.probe(AbortSignal.timeout(5000))
        return { engine, provider }
      }, names),
  })
}

providerConformance(runner, {
  name: 'llamacpp (single)',
  async create() {
    const engine = await fakeLlamaServer({ models: [{ name: 'alpha' }] })
    return over(engine, providerAt('llamacpp', engine.url), { chat: 'models/alpha.gguf' })
  },
})

providerConformance(runner, {
  name: 'llamacpp (router)',
  async create() {
    const engine = await fakeLlamaServer({ models: models.filter((one) => one.kind !== 'embedding'), router: true })
    return over(engine, providerAt('llamacpp', engine.url), { chat: 'alpha', other: 'beta', broken: 'broken' })
  },
})

providerConformance(runner, {
  name: 'openai-compatible',
  async create() {
    const engine = await fakeOpenAi({ models: [{ name: 'alpha' }, { name: 'embedder', kind: 'embedding' }] })
    return over(engine, providerAt('openai-compatible', `${engine.url}/v1`), { chat: 'alpha' })
  },
})

providerConformance(runner, {
  name: 'embedded',
  async create() {
    const home = await testFolder()
    const library = join(home, 'library')
    await mkdir(join(library, 'lab', 'tiny'), { recursive: true })
    const put = (name: string, bytes: Uint8Array): Promise<void> => writeFile(join(library, 'lab', 'tiny', `${name}.gguf`), bytes)
    await Promise.all([
      put('alpha', tinyGguf()),
      put('beta', tinyGguf({ seed: 2 })),
      put('broken', damagedGguf('truncated')),
      put('my-embedding', tinyGguf({ embedding: true })),
    ])
    const provider = providerAt('embedded', undefined, { library, home, threads: 1 })
    const importable = await modelIn(library, { repo: 'lab/new', weights: { 'new.gguf': tinyGguf({ seed: 3 }) } })
    return {
      provider,
      models: { chat: 'lab/tiny/alpha', other: 'lab/tiny/beta', broken: 'lab/tiny/broken', embedding: 'lab/tiny/my-embedding', importable },
      async [Symbol.asyncDispose]() {
        await provider.close()
        await rm(home, { recursive: true, force: true })
      },
    }
  },
})

const ollamaUrl = process.env.MODELYARD_LIVE_OLLAMA
if (ollamaUrl)
  providerConformance(runner, {
    name: `ollama, live at ${ollamaUrl}`,
    create: () => liveOllama(ollamaUrl, providerAt('ollama', ollamaUrl)),
  })

const llamaCppUrl = process.env.MODELYARD_LIVE_LLAMACPP
if (llamaCppUrl)
  providerConformance(runner, { name: `llamacpp, live at ${llamaCppUrl}`, create: () => liveLlamaCpp(providerAt('llamacpp', llamaCppUrl)) })
