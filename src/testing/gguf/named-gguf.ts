import { frameOf, type TinyGgufOptions } from './tiny-gguf.ts'
import { createNoise, letterToken, metadataOf, tensorsOf, vocabulary, width } from './tiny-llama.ts'
import { encodeGguf } from './write-gguf.ts'

/** Weight of a letter's successor, and of the sign that tells what may come next: no temperature hides either. */
const certainty = 8
const sign = 384

/**
 * A model that says its own name, again and again, in real llama.cpp at any temperature: so that a test can see which
 * model has answered. Its blocks are zero, so what comes out depends on the last token alone: each token has an
 * embedding of ±1, and the row of the output of each letter is the embedding of the letter before it. The first number
 * of an embedding says whether the name begins next: after its last letter, and after all that is no letter of it.
 *
 * The name is 2 to 26 small letters that all differ, since a letter's successor must be one.
 */
export function namedGguf(name: string, options: Omit<TinyGgufOptions, 'seed' | 'name'> = {}): Uint8Array<ArrayBuffer> {
  if (!/^[a-z]{2,26}$/.test(name) || new Set(name).size !== name.length) {
    throw new RangeError(`expected a name of 2 to 26 small letters that all differ, got ${JSON.stringify(name)}`)
  }
  const embeddings = embeddingsOf(name)
  const output = outputOf(name, embeddings)
  const fill = (tensor: string, length: number): Float32Array => {
    if (tensor === 'token_embd') return embeddings
    if (tensor === 'output') return output
    return new Float32Array(length).fill(tensor.endsWith('norm') ? 1 : 0)
  }
  return encodeGguf({ metadata: metadataOf({ ...frameOf(options), name }), tensors: tensorsOf(fill) })
}

/** Rows of ±1, nearly at right angles to one another but for the first number. */
function embeddingsOf(name: string): Float32Array {
  const noise = createNoise(20_261_124)
  const embeddings = Float32Array.from({ length: vocabulary * width }, () => (noise() < 0.5 ? -1 : 1))
  const within = [...name].slice(0, -1).map(letterToken)
  for (let token = 0; token < vocabulary; token += 1) embeddings[token * width] = within.includes(token) ? -1 : 1
  return embeddings
}

function outputOf(name: string, embeddings: Float32Array): Float32Array {
  const output = new Float32Array(vocabulary * width)
  const tokens = [...name].map(letterToken)
  tokens.forEach((token, index) => {
    const before = tokens[(index + tokens.length - 1) % tokens.length] ?? token
    const row = embeddings.subarray(before * width, (before + 1) * width).map((value) => value * certainty)
    row[0] = index === 0 ? sign : -sign
    output.set(row, token * width)
  })
  return output
}
