/** Headers written byte by byte, so that they may say what no writer would. */
export class RawHeader {
  private readonly parts: Buffer[] = []

  constructor(tensors: number | bigint, keys: number | bigint, version = 3) {
    this.parts.push(Buffer.from('GGUF'))
    this.u32(version).u64(tensors).u64(keys)
  }
  u32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return this.raw(bytes)
  }
  u64(value: number | bigint): this {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return this.raw(bytes)
  }
  text(value: string): this {
    const bytes = Buffer.from(value)
    return this.u64(bytes.length).raw(bytes)
  }
  raw(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes))
    return this
  }
  bytes(): Buffer {
    return Buffer.concat(this.parts)
  }
}

export const typeNumber = { u8: 0, u32: 4, string: 8, array: 9, u64: 10 } as const
