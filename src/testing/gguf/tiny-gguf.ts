import { chatTemplate, createNoise, metadataOf, tensorsOf } from './tiny-llama.ts'
import { encodeGguf } from './write-gguf.ts'

export interface TinyGgufOptions {
  /** Another seed, another model. */
  readonly seed?: number
  readonly name?: string
  /** The context it says it was trained for; 512. */
  readonly contextLength?: number
  /** Jinja; null leaves it out, as in a base model. */
  readonly chatTemplate?: string | null
  /** `llama` is the one that runs. */
  readonly architecture?: string
  /** It says that it is an embedding model (mean pooling). */
  readonly embedding?: boolean
}

/**
 * A model of 0.5 MB with random weights that real llama.cpp loads and generates with; its text is noise. The same
 * options give the same bytes.
 */
export function tinyGguf(options: TinyGgufOptions = {}): Uint8Array<ArrayBuffer> {
  const noise = createNoise(options.seed ?? 1)
  const fill = (name: string, length: number): Float32Array =>
    name.endsWith('norm') ? new Float32Array(length).fill(1) : Float32Array.from({ length }, () => (noise() - 0.5) * 0.2)
  return encodeGguf({ metadata: metadataOf(frameOf(options)), tensors: tensorsOf(fill) })
}

export function frameOf(options: TinyGgufOptions): Parameters<typeof metadataOf>[0] {
  return {
    name: options.name ?? `tiny-${options.seed ?? 1}`,
    contextLength: options.contextLength ?? 512,
    architecture: options.architecture ?? 'llama',
    chatTemplate: options.chatTemplate === null ? undefined : (options.chatTemplate ?? chatTemplate),
    poolingType: options.embedding ? 1 : undefined,
  }
}
