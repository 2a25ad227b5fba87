/** What the engines and the Hub of a test of the page have: names, sizes and quantizations as people know them, tiny bytes behind them. */
import { cdnBytes } from '../../src/testing/fakes/fake-content.ts'
import type { FakeHubRepository } from '../../src/testing/fakes/fake-hub-shelf.ts'
import type { FakeModel } from '../../src/testing/fakes/fake-models.ts'
import { namedGguf } from '../../src/testing/gguf/named-gguf.ts'

const gigabytes = (count: number): number => Math.round(count * 1e9)

export const ollamaModels: readonly FakeModel[] = [
  {
    name: 'qwen3:8b',
    family: 'qwen3',
    parameters: '8.2B',
    quantization: 'Q4_K_M',
    sizeBytes: gigabytes(5.2),
    contextLength: 40_960,
    tools: true,
    reasoning: true,
  },
  {
    name: 'llama3.2:3b',
    family: 'llama',
    parameters: '3.2B',
    quantization: 'Q4_K_M',
    sizeBytes: gigabytes(2),
    contextLength: 131_072,
    tools: true,
  },
  { name: 'gemma3:12b', family: 'gemma3', parameters: '12.2B', quantization: 'Q8_0', sizeBytes: gigabytes(8.1), contextLength: 131_072 },
  { name: 'damaged:7b', family: 'llama', parameters: '7.2B', quantization: 'Q5_K_M', sizeBytes: gigabytes(5.1), broken: true },
  { name: 'nomic-embed-text', kind: 'embedding', parameters: '137M', quantization: 'F16', sizeBytes: gigabytes(0.27) },
]

export const studioModels: readonly FakeModel[] = [
  { name: 'qwen/qwen3-4b', family: 'qwen3', parameters: '4B', quantization: 'Q4_K_M', sizeBytes: gigabytes(2.5), contextLength: 32_768 },
  {
    name: 'mistralai/devstral-small',
    family: 'mistral',
    parameters: '24B',
    quantization: 'Q6_K',
    sizeBytes: gigabytes(19.3),
    contextLength: 131_072,
  },
]

const families = ['qwen3', 'llama3.1', 'gemma3', 'mistral', 'phi4', 'granite3', 'olmo2', 'smollm2']
const sizes = [1, 3, 4, 8, 12, 14, 27, 32]
const quantizations = ['Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0', 'IQ3_XS']

/** As many as that, all different. */
export const manyModels = (count: number): FakeModel[] =>
  Array.from({ length: count }, (_, index) => {
    const family = families[index % families.length] ?? ''
    const billions = sizes[Math.floor(index / families.length) % sizes.length] ?? 1
    const quantization = quantizations[index % quantizations.length] ?? ''
    return {
      name: `${family}-${String(index).padStart(4, '0')}:${billions}b-${quantization.toLowerCase()}`,
      family,
      quantization,
      parameters: `${billions}B`,
      sizeBytes: gigabytes(0.6 * billions),
      tools: index % 3 === 0,
    }
  })

/** One quantization; five; one that is only for whoever has accepted its licence. */
export const repos = { one: 'lab/Cedar-GGUF', many: 'lab/Birch-GGUF', gated: 'lab/Alder-GGUF' } as const

/** Real llama.cpp loads them: what follows the tensors is nothing to it, and makes each of another size. */
const weights = (name: string, mebibytes: number): Buffer => Buffer.concat([namedGguf(name), cdnBytes(0, mebibytes * 2 ** 20)])

export const repositories = (): FakeHubRepository[] => {
  const gguf = { architecture: 'llama', total: 123_200, context_length: 512 }
  return [
    { repo: repos.one, licence: 'mit', downloads: 5200, gguf, files: [{ path: 'cedar-Q4_0.gguf', content: weights('cedar', 4) }] },
    {
      repo: repos.many,
      licence: 'apache-2.0',
      downloads: 91_000,
      gguf,
      files: ['Q2_K', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0'].map((quantization, index) => ({
        path: `birch-${quantization}.gguf`,
        content: weights('birch', 2 + index),
      })),
    },
    {
      repo: repos.gated,
      licence: 'llama3.2',
      downloads: 730,
      gguf,
      gated: 'manual',
      files: [{ path: 'alder-Q4_K_M.gguf', content: weights('alder', 1) }],
    },
  ]
}

/** Where a library has a model of this name, and what the embedded engine calls it. */
export const libraryPathOf = (name: string): string => `lab/${titled(name)}-GGUF/${name}-Q4_0.gguf`
export const embeddedRefOf = (name: string): string => `embedded/lab/${titled(name)}-GGUF/${name}-Q4_0`
const titled = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1)
