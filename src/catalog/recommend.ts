/** Which quantization to take: the best that fits, and why. */
import type { HubQuantization, QuantizationInfo } from '../contract/index.ts'
import { quantizationInfo } from './catalog.ts'

export interface Recommendation {
  readonly recommended?: string
  readonly recommendation: string
}

type Known = HubQuantization & { readonly info: QuantizationInfo }

/** Beyond this many bits nothing is gained that can be seen. */
const mostBits = 9
/** What engines and other tools take when nobody says. */
const usual = ['Q4_K_M', 'Q8_0']

export function recommend(quantizations: readonly HubQuantization[]): Recommendation | undefined {
  const whole = quantizations.filter((one) => one.complete)
  const known = whole.flatMap((one): Known[] => {
    const info = quantizationInfo(one.quantization)
    return info && info.bitsPerWeight <= mostBits ? [{ ...one, info }] : []
  })
  const best = (verdicts: readonly string[], wanted: (one: Known) => boolean = () => true): Known | undefined =>
    known.filter((one) => verdicts.includes(one.fit?.verdict ?? '') && wanted(one)).sort((a, b) => b.bytes - a.bytes)[0]
  const onGpu = best(['gpu'], ({ info }) => info.quality !== 'poor')
  if (onGpu) return said(onGpu, 'the largest that fits wholly on the GPU')
  const inMemory = best(['partly', 'memory', 'gpu'])
  if (inMemory) return said(inMemory, 'the largest that fits into memory')
  return withoutFit(whole)
}

const said = ({ quantization, info }: Known, why: string): Recommendation => ({
  recommended: quantization,
  recommendation: `${quantization} is ${why}; its quality is ${info.quality}.`,
})

function withoutFit(whole: readonly HubQuantization[]): Recommendation | undefined {
  const possible = whole.filter(({ fit }) => fit?.verdict !== 'no')
  const [smallest] = whole
  if (!smallest) return undefined
  if (possible.length === 0)
    return { recommendation: `None fits this machine: the smallest is ${smallest.quantization}: ${smallest.fit?.text ?? ''}.` }
  const taken = usual.map((name) => possible.find((one) => one.quantization === name)).find((one) => one) ?? possible[0]
  if (!taken) return undefined
  return { recommended: taken.quantization, recommendation: `${taken.quantization} is the usual choice; whether it fits is not known.` }
}
