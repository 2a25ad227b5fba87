import { describe, expect, it } from 'vitest'
import { recommend } from '../../src/catalog/recommend.ts'
import { fitOf } from '../../src/client/fit.ts'
import type { Fit, Hardware } from '../../src/contract/index.ts'

const GB = 1e9
const machine = (memory: number, ...gpus: (number | undefined)[]): Hardware => ({
  memory: { total: memory * 2 * GB, free: memory * GB },
  gpus: gpus.map((free, index) => ({ name: `gpu ${index}`, ...(free !== undefined && { free: free * GB, total: free * GB }) })),
  volumes: [],
})
/** Of Qwen3 8B. */
const cache = { layers: 36, headsKv: 8, keyLength: 128, valueLength: 128 }
const weightsBytes = 5.03 * GB

describe('does it fit?', () => {
  it('adds up weights, cache and overhead, and shows it', () => {
    const fit = fitOf({ weightsBytes, cache, contextLength: 40_960, hardware: machine(16) })
    const contextBytes = 8192 * 36 * 8 * 256 * 2
    const overheadBytes = Math.round(weightsBytes * 0.05 + 64e6)
    expect(fit).toMatchObject({ verdict: 'memory', weightsBytes, contextBytes, overheadBytes, contextLength: 8192, freeBytes: 16 * GB })
    expect(fit.neededBytes).toBe(weightsBytes + contextBytes + overheadBytes)
    expect(fit.text).toBe(
      'weights 5.03 GB + overhead 0.32 GB + context cache 1.21 GB (8192 tokens) = 6.55 GB, against 16.00 GB of free memory, no GPU known',
    )
  })

  it.each<[string, Hardware, Fit['verdict']]>([
    ['wholly on the GPU', machine(16, 8), 'gpu'],
    ['on two GPUs together', machine(16, 4, 4), 'gpu'],
    ['on GPU and CPU', machine(4, 4), 'partly'],
    ['on neither', machine(1, 2), 'no'],
    ['in memory without a GPU', machine(7), 'memory'],
    ['nowhere', machine(6), 'no'],
    ['in memory beside a GPU that does not tell', machine(16, undefined), 'memory'],
    ['nobody knows, with a GPU that does not tell', machine(2, undefined), 'unknown'],
  ])('%s', (_, hardware, verdict) => expect(fitOf({ weightsBytes, cache, hardware }).verdict).toBe(verdict))

  it('a context shorter than the assumed one counts as it is', () => {
    expect(fitOf({ weightsBytes, cache, contextLength: 512, hardware: machine(16) }).contextLength).toBe(512)
  })

  it('without the shape of the cache it answers where both bounds agree, else that it does not know', () => {
    const of = (free: number) => fitOf({ weightsBytes, parameters: 8.2e9, hardware: machine(free) })
    expect([of(32).verdict, of(7).verdict, of(4).verdict]).toEqual(['memory', 'unknown', 'no'])
    expect(of(7)).not.toHaveProperty('contextBytes')
    expect(of(7)).not.toHaveProperty('neededBytes')
    expect(of(7).text).toMatch(/context cache between \d.*its shape is not known/)
  })

  it('the bounds hold what models really need', () => {
    const known = fitOf({ weightsBytes, cache, hardware: machine(99) }).contextBytes ?? 0
    const needed = (weightsBytes * 1.05 + 64e6 + known) / GB
    expect(fitOf({ weightsBytes, parameters: 8.2e9, hardware: machine(needed) }).verdict).toBe('unknown')
  })

  it('without the number of parameters only what cannot be is said', () => {
    expect(fitOf({ weightsBytes, hardware: machine(999) }).verdict).toBe('unknown')
    expect(fitOf({ weightsBytes, hardware: machine(1) }).verdict).toBe('no')
  })
})

const one = (quantization: string, bytes: number, verdict: Fit['verdict'] | undefined, complete = true) => ({
  quantization,
  bytes,
  complete,
  files: [],
  ...(verdict && { fit: { verdict, text: 'as it is' } }),
})

describe('which to take', () => {
  it('the largest that fits wholly on the GPU, before larger ones that do not', () => {
    expect(recommend([one('Q4_K_M', 5, 'gpu'), one('Q5_K_M', 6, 'gpu'), one('Q8_0', 9, 'partly')])).toMatchObject({ recommended: 'Q5_K_M' })
  })
  it('no poor one for the sake of the GPU', () => {
    expect(recommend([one('Q2_K', 3, 'gpu'), one('Q4_K_M', 5, 'partly')])).toMatchObject({ recommended: 'Q4_K_M' })
  })
  it('never more than eight bits', () => {
    expect(recommend([one('Q8_0', 8, 'memory'), one('BF16', 16, 'memory')])).toMatchObject({ recommended: 'Q8_0' })
  })
  it('none of which a shard is missing', () => {
    expect(recommend([one('Q4_K_M', 5, 'memory'), one('Q8_0', 9, undefined, false)])).toMatchObject({ recommended: 'Q4_K_M' })
  })
  it('the usual one when nothing is known', () => {
    expect(recommend([one('Q2_K', 3, 'unknown'), one('Q4_K_M', 5, 'unknown')])).toMatchObject({
      recommended: 'Q4_K_M',
      recommendation: expect.stringContaining('not known'),
    })
  })
  it('none when none fits, and says so', () => {
    const said = recommend([one('Q4_K_M', 5, 'no'), one('Q8_0', 9, 'no')])
    expect(said).not.toHaveProperty('recommended')
    expect(said?.recommendation).toContain('None fits')
  })
  it('nothing to say of nothing', () => expect(recommend([])).toBeUndefined())
})
