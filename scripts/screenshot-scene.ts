/** What the pictures of the documents are taken of: a real service among engines and a Hub of our own, with names and sizes as people know them. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeHubFile } from '../src/testing/fakes/fake-hub-shelf.ts'
import type { FakeModel } from '../src/testing/fakes/fake-models.ts'
import { namedGguf } from '../src/testing/gguf/named-gguf.ts'
import { type PageScene, pageScene } from '../test/support/page-scene.ts'

export const repo = 'lab/Qwen3-8B-GGUF'
export const otherRepo = 'lab/Llama-3.2-3B-Instruct-GGUF'

const gigabytes = (count: number): number => Math.round(count * 1e9)

/** Billions of parameters, gigabytes on disk and thousands of tokens. */
const model = (name: string, [billions, size, context]: readonly number[], more: Partial<FakeModel> = {}): FakeModel => ({
  name,
  family: name.replace(/^.*\/|[-:].*$/g, ''),
  parameters: `${billions}B`,
  quantization: 'Q4_K_M',
  sizeBytes: gigabytes(size ?? 0),
  memoryBytes: gigabytes((size ?? 0) * 1.15),
  gpuBytes: gigabytes((size ?? 0) * 1.15),
  contextLength: (context ?? 0) * 1024,
  ...more,
})

const ollamaModels: readonly FakeModel[] = [
  model('qwen3:8b', [8.2, 5.2, 40], { tools: true }),
  model('llama3.2:3b', [3.2, 2, 128], { tools: true }),
  model('gemma3:12b', [12.2, 8.1, 128]),
  model('mistral-small3.2:24b', [24, 15.2, 128], { tools: true }),
  model('deepseek-r1:14b', [14.8, 9, 128], { reasoning: true }),
  model('qwen2.5-coder:7b', [7.6, 8.1, 32], { quantization: 'Q8_0', tools: true }),
  model('granite4:3b', [3.4, 2.1, 128], { tools: true }),
  model('phi4:14b', [14.7, 9.1, 16], { broken: true }),
  model('nomic-embed-text', [0.137, 0.27, 2], { kind: 'embedding', quantization: 'F16' }),
]

const studioModels: readonly FakeModel[] = [
  model('qwen/qwen3-4b-2507', [4, 2.5, 256]),
  model('google/gemma-3n-e4b', [6.9, 4.2, 32]),
  model('mistralai/devstral-small-2507', [24, 14.3, 128]),
]

/** Bits of a weight, as quantizations of this size have them. */
const quantizations = { Q2_K: 3.2, Q3_K_M: 4, Q4_K_M: 4.9, Q5_K_M: 5.7, Q6_K: 6.6, Q8_0: 8.5, BF16: 16 } as const

export interface Pictured extends PageScene {
  /** Of the downloads together, in bytes. */
  limit(bytesPerSecond: number | null): Promise<unknown>
}

/** Files of true size without their bytes: a header, and nothing behind it. They are never fetched to their end. */
async function filesOf(folder: string, name: string, billions: number): Promise<readonly FakeHubFile[]> {
  const files: FakeHubFile[] = []
  for (const [quantization, bits] of Object.entries(quantizations)) {
    const path = join(folder, `${name}-${quantization}.gguf`)
    await using file = await open(path, 'w')
    await file.write(namedGguf('model'))
    await file.truncate(gigabytes((billions * bits) / 8))
    files.push({ path: `${name}-${quantization}.gguf`, content: { file: path }, sha256: '0'.repeat(64) })
  }
  return files
}

/** `/tmp/yard` is what the pictures show of this machine: it must not be there yet. */
export async function pictured(): Promise<Pictured> {
  const files = await mkdtemp(join(tmpdir(), 'modelyard-files-'))
  const repositories = [
    { repo, files: await filesOf(files, 'Qwen3-8B', 8.2), licence: 'apache-2.0', downloads: 91_000, parameters: 8.2e9 },
    { repo: otherRepo, files: await filesOf(files, 'Llama-3.2-3B-Instruct', 3.2), licence: 'llama3.2', downloads: 40_000, parameters: 3.2e9 },
  ].map(({ parameters, ...one }) => ({ ...one, gguf: { architecture: 'llama', total: parameters, context_length: 40_960 } }))
  const scene = await pageScene({
    root: '/tmp/yard',
    storeless: true,
    hub: { repositories },
    ollama: { models: ollamaModels, tokensPerSecond: 42 },
    studio: { models: studioModels, tokensPerSecond: 65 },
    slots: { default: { policy: 'overlap' }, code: { policy: 'overlap' } },
  })
  const end = scene[Symbol.asyncDispose].bind(scene)
  return Object.assign(scene, {
    limit: (bytesPerSecond: number | null) => scene.yard.updateSettings({ hub: { bytesPerSecond } }),
    async [Symbol.asyncDispose]() {
      await end()
      await rm(files, { recursive: true, force: true })
    },
  })
}
