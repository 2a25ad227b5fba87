import { tinyGguf } from './tiny-gguf.ts'
import { createNoise } from './tiny-llama.ts'

export type Damage = 'truncated' | 'random-bytes' | 'unknown-architecture' | 'bad-tensor'

/** A file that looks like a model and cannot be loaded, each kind for a reason of its own. */
export function damagedGguf(damage: Damage): Uint8Array<ArrayBuffer> {
  switch (damage) {
    case 'truncated':
      return tinyGguf().slice(0, 100_000)
    case 'random-bytes': {
      const noise = createNoise(7)
      return Uint8Array.from({ length: 100_000 }, () => noise() * 256)
    }
    case 'unknown-architecture':
      return tinyGguf({ architecture: 'nosuch' })
    case 'bad-tensor':
      return withoutTensor(tinyGguf())
  }
}

/** One tensor has another name: the file is whole, and what the model needs is not in it. */
function withoutTensor(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(file)
  const at = bytes.indexOf('output_norm.weight')
  bytes.write('output_narm.weight', at)
  return new Uint8Array(bytes)
}
