/** GGUF version 3, written: header, metadata, tensor infos, padded data. Source: docs/gguf.md of ggml. */

export type GgufValue =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'f32s' | 'i32s'; readonly value: readonly number[] }

export interface GgufTensor {
  readonly name: string
  /** In GGUF's order: the fastest first. */
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface GgufContents {
  readonly metadata: Readonly<Record<string, GgufValue>>
  readonly tensors: readonly GgufTensor[]
}

const alignment = 32
const types = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const

export function encodeGguf({ metadata, tensors }: GgufContents): Uint8Array<ArrayBuffer> {
  const out = createWriter()
  out.bytes(Buffer.from('GGUF'))
  out.u32(3)
  out.u64(tensors.length)
  out.u64(Object.keys(metadata).length)
  for (const [key, value] of Object.entries(metadata)) {
    out.text(key)
    writeValue(out, value)
  }
  let offset = 0
  for (const { name, shape, data } of tensors) {
    out.text(name)
    out.u32(shape.length)
    for (const size of shape) out.u64(size)
    out.u32(0)
    out.u64(offset)
    offset += padded(data.byteLength)
  }
  out.pad()
  for (const { data } of tensors) {
    out.bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    out.pad()
  }
  return out.all()
}

const padded = (bytes: number): number => Math.ceil(bytes / alignment) * alignment

interface Writer {
  u32(value: number): void
  i32(value: number): void
  f32(value: number): void
  u64(value: number): void
  text(value: string): void
  bytes(value: Uint8Array): void
  pad(): void
  all(): Uint8Array<ArrayBuffer>
}

function createWriter(): Writer {
  const parts: Uint8Array[] = []
  let length = 0
  const bytes = (value: Uint8Array): void => {
    parts.push(value)
    length += value.byteLength
  }
  const fixed = (size: number, write: (view: DataView) => void): void => {
    const part = new Uint8Array(size)
    write(new DataView(part.buffer))
    bytes(part)
  }
  return {
    u32: (value) => fixed(4, (view) => view.setUint32(0, value, true)),
    i32: (value) => fixed(4, (view) => view.setInt32(0, value, true)),
    f32: (value) => fixed(4, (view) => view.setFloat32(0, value, true)),
    u64: (value) => fixed(8, (view) => view.setBigUint64(0, BigInt(value), true)),
    text(value) {
      const encoded = new TextEncoder().encode(value)
      this.u64(encoded.byteLength)
      bytes(encoded)
    },
    bytes,
    pad: () => bytes(new Uint8Array(padded(length) - length)),
    all() {
      const whole = new Uint8Array(length)
      let at = 0
      for (const part of parts) {
        whole.set(part, at)
        at += part.byteLength
      }
      return whole
    },
  }
}

function writeValue(out: Writer, value: GgufValue): void {
  switch (value.type) {
    case 'strings':
      out.u32(types.array)
      out.u32(types.string)
      out.u64(value.value.length)
      for (const one of value.value) out.text(one)
      return
    case 'f32s':
    case 'i32s': {
      const element = value.type === 'f32s' ? 'f32' : 'i32'
      out.u32(types.array)
      out.u32(types[element])
      out.u64(value.value.length)
      for (const one of value.value) out[element](one)
      return
    }
    case 'string':
      out.u32(types.string)
      return out.text(value.value)
    case 'bool':
      out.u32(types.bool)
      return out.bytes(Uint8Array.of(value.value ? 1 : 0))
    default:
      out.u32(types[value.type])
      out[value.type](value.value)
  }
}
