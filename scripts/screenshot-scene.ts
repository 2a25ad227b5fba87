/** What the pictures of the documents are taken of: a real service among engines and a Hub of our own, with names and sizes as people know them. */
import { createHash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeHubFile, FakeHubRepository } from '../src/testing/fakes/fake-hub-shelf.ts'
import type { FakeModel } from '../src/testing/fakes/fake-models.ts'
import { frameOf } from '../src/testing/gguf/tiny-gguf.ts'
import { metadataOf } from '../src/testing/gguf/tiny-llama.ts'
import { encodeGguf } from '../src/testing/gguf/write-gguf.ts'
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

/** Bits of a weight, as models of this size have them, and the number of the format. */
const quantizations = {
  Q2_K: [3.2, 10],
  Q3_K_M: [4, 12],
  Q4_K_M: [4.9, 15],
  Q5_K_M: [5.7, 17],
  Q6_K: [6.6, 18],
  Q8_0: [8.5, 7],
  BF16: [16, 32],
} as const

export interface Pictured extends PageScene {
  /** Of the downloads together, in bytes. */
  limit(bytesPerSecond: number | null): Promise<unknown>
}

const repositories = [
  { repo, architecture: 'qwen3', billions: 8.2, contextLength: 40_960, licence: 'apache-2.0', downloads: 91_000 },
  { repo: otherRepo, architecture: 'llama', billions: 3.2, contextLength: 131_072, licence: 'llama3.2', downloads: 40_000 },
]

/** In this folder, for a stand-in Hub. */
const shelved = (folder: string): Promise<FakeHubRepository[]> =>
  Promise.all(
    repositories.map(async (one) => ({
      ...one,
      files: await filesOf(folder, one),
      gguf: { architecture: one.architecture, total: one.billions * 1e9, context_length: one.contextLength },
    })),
  )

/** Files of true size without their bytes: a header, and nothing behind it. They are never fetched to their end. */
async function filesOf(
  folder: string,
  { repo, architecture, billions, contextLength }: (typeof repositories)[number],
): Promise<FakeHubFile[]> {
  const files: FakeHubFile[] = []
  const metadata = metadataOf(frameOf({ architecture, contextLength }))
  for (const [quantization, [bits, format]] of Object.entries(quantizations)) {
    const path = `${repo.replace(/^.*\/|-GGUF$/g, '')}-${quantization}.gguf`
    await using file = await open(join(folder, path), 'w')
    await file.write(encodeGguf({ metadata: { ...metadata, 'general.file_type': { type: 'u32', value: format } }, tensors: [] }))
    await file.truncate(gigabytes((billions * bits) / 8))
    files.push({ path, content: { file: join(folder, path) }, sha256: createHash('sha256').update(path).digest('hex') })
  }
  return files
}

/** `yard`, beside other temporary folders, is all that the pictures show of a machine: it must not be there yet. */
export async function pictured(): Promise<Pictured> {
  const files = await mkdtemp(join(tmpdir(), 'modelyard-files-'))
  const scene = await pageScene({
    root: join(tmpdir(), 'yard'),
    storeless: true,
    hub: { repositories: await shelved(files) },
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
