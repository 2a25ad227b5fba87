/** The frame of the tiny models: a llama of two blocks, 64 wide, with a byte tokenizer of 320 tokens. */
import type { GgufTensor, GgufValue } from './write-gguf.ts'

export const width = 64
export const blocks = 2
export const feedForward = 128
export const vocabulary = 320
const heads = 4
const firstByte = 3
const pieces = ['▁', '▁the', '▁a', '▁hello', '▁world', ...'abcdefghijklmnopqrstuvwxyz']

export const chatTemplate = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"

export interface Frame {
  readonly name: string
  readonly contextLength: number
  readonly architecture: string
  readonly chatTemplate: string | undefined
  /** Which way of pooling an embedding model has: then it cannot chat. */
  readonly poolingType: number | undefined
}

/** The token of a byte. */
export const byteToken = (byte: number): number => firstByte + byte

export function metadataOf({ name, contextLength, architecture, chatTemplate: template, poolingType }: Frame): Record<string, GgufValue> {
  const u32 = (value: number): GgufValue => ({ type: 'u32', value })
  const text = (value: string): GgufValue => ({ type: 'string', value })
  const own = (key: string): string => `${architecture}.${key}`
  const { tokens, scores, kinds } = tokenizer()
  return {
    'general.architecture': text(architecture),
    'general.name': text(name),
    'general.file_type': u32(0),
    [own('context_length')]: u32(contextLength),
    [own('embedding_length')]: u32(width),
    [own('block_count')]: u32(blocks),
    [own('feed_forward_length')]: u32(feedForward),
    [own('attention.head_count')]: u32(heads),
    [own('attention.head_count_kv')]: u32(heads),
    [own('attention.layer_norm_rms_epsilon')]: { type: 'f32', value: 1e-5 },
    [own('rope.dimension_count')]: u32(width / heads),
    [own('vocab_size')]: u32(vocabulary),
    ...(poolingType !== undefined && { [own('pooling_type')]: u32(poolingType) }),
    'tokenizer.ggml.model': text('llama'),
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.scores': { type: 'f32s', value: scores },
    'tokenizer.ggml.token_type': { type: 'i32s', value: kinds },
    'tokenizer.ggml.bos_token_id': u32(1),
    'tokenizer.ggml.eos_token_id': u32(2),
    'tokenizer.ggml.unknown_token_id': u32(0),
    ...(template !== undefined && { 'tokenizer.chat_template': text(template) }),
  }
}

/** Kinds: 2 unknown, 3 control, 6 byte, 1 normal, 5 unused. */
function tokenizer(): { tokens: string[]; scores: number[]; kinds: number[] } {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const known = ['<unk>', '<s>', '</s>', ...bytes, ...pieces]
  const tokens = [...known, ...Array.from({ length: vocabulary - known.length }, (_, index) => `<pad${index}>`)]
  const kindOf = (id: number): number => {
    if (id < firstByte) return id === 0 ? 2 : 3
    if (id < firstByte + bytes.length) return 6
    return id < known.length ? 1 : 5
  }
  const kinds = tokens.map((_, id) => kindOf(id))
  const scores = kinds.map((kind, id) => (kind === 1 ? -(id - firstByte - bytes.length + 1) : kind === 5 ? -1000 : 0))
  return { tokens, scores, kinds }
}

/** The tokens of letters are pieces of their own; a letter of a name is one of them. */
export const letterToken = (letter: string): number => firstByte + 256 + pieces.indexOf(letter)

/** All tensors of the frame; `fill` gives each its values. */
export function tensorsOf(fill: (name: string, length: number) => Float32Array): GgufTensor[] {
  const tensor = (name: string, ...shape: number[]): GgufTensor => ({
    name: `${name}.weight`,
    shape,
    data: fill(
      name,
      shape.reduce((a, b) => a * b, 1),
    ),
  })
  const block = (index: number): GgufTensor[] => {
    const own = (name: string, ...shape: number[]): GgufTensor => tensor(`blk.${index}.${name}`, ...shape)
    return [
      own('attn_norm', width),
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => own(name, width, width)),
      own('ffn_norm', width),
      own('ffn_gate', width, feedForward),
      own('ffn_up', width, feedForward),
      own('ffn_down', feedForward, width),
    ]
  }
  return [
    tensor('token_embd', width, vocabulary),
    tensor('output_norm', width),
    tensor('output', width, vocabulary),
    ...Array.from({ length: blocks }, (_, index) => block(index)).flat(),
  ]
}

/** Numbers that look random and are the same every time: 0 to 1. */
export function createNoise(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
