/** Which entry of the catalogue tells about a quantization by this name. */
import type { QuantizationInfo } from './hub.ts'

/** Of `Q4_K_M`, and of what is a variant of it: `UD-Q4_K_M`, `Q4_K_XL` as the next that is known. */
export function knownQuantization(known: readonly QuantizationInfo[], name: string): QuantizationInfo | undefined {
  const base = name.toUpperCase().replace(/^UD-/, '')
  const variants = [
    base,
    base.replace(/_XXL$|_XL$/, '_L'),
    base.replace(/_X*L$/, '_M'),
    base.replace(/_X*L$/, ''),
    base.replace(/_MOE$/, ''),
  ]
  for (const variant of variants) {
    const found = known.find((one) => one.name === variant)
    if (found) return found
  }
  return undefined
}
