/** Memory: whose it is, what a context costs, whether it fits, and what is said of a model that is loaded. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instanceText } from '../../../web/src/panels/models/instance-text.ts'
import { contextChoices, costOf, verdictOf } from '../../../web/src/panels/models/memory-cost.ts'
import { machineUseOf } from '../../../web/src/panels/models/memory-use.ts'
import type { LoadedModel } from '../../../web/src/sdk.ts'
import { setLocale } from '../../../web/src/text/numbers.ts'

beforeAll(() => setLocale('en'))
afterAll(() => setLocale(undefined))

const loaded = (memoryBytes?: number, gpuBytes?: number): LoadedModel => ({
  ref: 'ollama/m',
  name: 'm',
  loadedBy: 'us',
  ...(memoryBytes !== undefined && { memoryBytes }),
  ...(gpuBytes !== undefined && { gpuBytes }),
})
const memory = { total: 16e9, free: 6e9 }

describe('the memory of the machine', () => {
  it('is of models, of everything else, and free', () => {
    expect(machineUseOf({ memory, gpus: [], volumes: [] }, [loaded(3e9), loaded()]).memory).toEqual({
      total: 16e9,
      free: 6e9,
      models: 3e9,
      other: 7e9,
    })
  })

  it('models never take more than is in use, whatever their engine says', () => {
    expect(machineUseOf({ memory, gpus: [], volumes: [] }, [loaded(40e9)]).memory).toMatchObject({ models: 10e9, other: 0 })
  })

  it('what lies on the one GPU is counted there, and not in the memory', () => {
    const gpus = [{ name: 'one', total: 8e9, free: 3e9 }]
    const use = machineUseOf({ memory, gpus, volumes: [] }, [loaded(6e9, 4e9)])
    expect([use.memory.models, use.gpus[0]?.use]).toEqual([2e9, { total: 8e9, free: 3e9, models: 4e9, other: 1e9 }])
  })

  it('with several GPUs nobody says on which it lies, and one that does not tell says nothing', () => {
    const gpus = [{ name: 'one', total: 8e9, free: 3e9 }, { name: 'two' }]
    const use = machineUseOf({ memory, gpus, volumes: [] }, [loaded(6e9, 4e9)])
    expect(use.gpus).toEqual([
      { name: 'one', use: { total: 8e9, free: 3e9, models: 0, other: 5e9 } },
      { name: 'two', use: undefined },
    ])
  })
})

describe('what a context costs', () => {
  const parts = { weightsBytes: 5e9, overheadBytes: 3e8, contextBytesPerToken: 1e5, assumedContext: 8192 }

  it('is so much for each token, of the context that is written or else of the usual one', () => {
    expect(costOf(parts, 10_000)).toMatchObject({ context: 10_000, contextBytes: 1e9, neededBytes: 6.3e9 })
    expect(costOf(parts, undefined)).toMatchObject({ context: 8192, contextBytes: 819_200_000 })
  })

  it('is not known where the shape of the cache is not, and then nothing is summed up', () => {
    const { contextBytesPerToken: _, ...without } = parts
    expect(costOf(without, 10_000)).toEqual({ context: 10_000, weightsBytes: 5e9, overheadBytes: 3e8 })
  })

  it('fits in what is free, the GPUs and what the model takes itself now included', () => {
    const hardware = { memory, gpus: [{ name: 'g', total: 8e9, free: 1e9 }], volumes: [] }
    expect(verdictOf(7e9, hardware, 0)).toEqual({ fits: 'now', room: 7e9 })
    expect(verdictOf(8e9, hardware, 0)).toEqual({ fits: 'after-others', room: 7e9 })
    expect(verdictOf(8e9, hardware, 2e9)).toEqual({ fits: 'now', room: 9e9 })
    expect(verdictOf(25e9, hardware, 40e9)).toEqual({ fits: 'never', room: 24e9 })
  })

  it('is offered in doublings up to what the model was trained for', () => {
    expect(contextChoices(40_960)).toEqual([2048, 4096, 8192, 16_384, 32_768, 40_960])
    expect(contextChoices(8192)).toEqual([2048, 4096, 8192])
    expect(contextChoices(512)).toEqual([512])
    expect(contextChoices(undefined).at(-1)).toBe(131_072)
  })
})

describe('a model in memory in one line', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const at = (seconds: number) => new Date(now + seconds * 1000).toISOString()

  it('says what its engine says, and nothing else', () => {
    expect(instanceText({ loadedBy: 'other' }, now)).toBe('loaded by another program')
    expect(instanceText({ loadedBy: 'us', memoryBytes: 5e9, gpuBytes: 5e9, contextLength: 8192, expiresAt: at(290) }, now)).toBe(
      '5 GB of memory · all on the GPU · context 8k · unloads in 5 min if idle · loaded by Modelyard',
    )
    expect(instanceText({ loadedBy: 'us', memoryBytes: 5e9, gpuBytes: 0, expiresAt: at(4) }, now)).toBe(
      '5 GB of memory · none on the GPU · unloads any moment if idle · loaded by Modelyard',
    )
  })

  it('one that stays for ever has no end', () => {
    expect(instanceText({ loadedBy: 'us', expiresAt: '2318-01-01T00:00:00Z' }, now)).toBe('loaded by Modelyard')
  })
})
