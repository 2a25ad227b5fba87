/** What a model is for: by what its engine says it can, then by what is known of its weights, then by its name. */
import type { ModelCapability, ModelKind } from '../contract/index.ts'

const embeddingFamilies =
  /^(?:bert|nomic-bert(?:-moe)?|xlm-roberta|jina-bert(?:-v[23])?|gte|gemma-embedding|modern-bert|t5encoder|eurobert|neo-bert)$/i
const rerankerName = /re-?rank/i
/** Between two parts of a name, or at its ends. */
const [from, to] = ['(?:^|[/_.:-])', '(?:$|[/_.:-])']
const embeddingWords =
  'embed(?:s|der|ders)?\\d*|bge|e5|minilm|gte|nomic-embed|paraphrase|sentence-transformers|sentence-t5|colbert|labse|instructor-(?:base|large|xl)'
const embeddingName = new RegExp(`embedding|${from}(?:${embeddingWords})${to}`, 'i')
const otherName = new RegExp(`${from}(?:whisper|tts|stable-diffusion|sdxl|flux|mmproj|clip)${to}`, 'i')

export function kindFromName(name: string): ModelKind {
  if (rerankerName.test(name)) return 'reranker'
  if (embeddingName.test(name)) return 'embedding'
  return otherName.test(name) ? 'other' : 'chat'
}

export interface KindEvidence {
  readonly name: string
  /** Empty and absent: unknown. */
  readonly capabilities?: readonly ModelCapability[] | undefined
  readonly family?: string | undefined
  /** The weights name a way of pooling: an embedding model or a reranker. */
  readonly pooling?: boolean | undefined
}

export function kindOf({ name, capabilities, family, pooling }: KindEvidence): ModelKind {
  if (capabilities?.includes('embedding')) return rerankerName.test(name) ? 'reranker' : 'embedding'
  if (capabilities?.includes('image')) return 'other'
  if (capabilities && capabilities.length > 0 && !capabilities.includes('completion')) return 'other'
  if (pooling || (family && embeddingFamilies.test(family))) return rerankerName.test(name) ? 'reranker' : 'embedding'
  // Engines call every model without a way of pooling a chat model, also rerankers and embedders of the community.
  return kindFromName(name)
}
