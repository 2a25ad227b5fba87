/** Where the bytes of a header come from: a file, a range of a file far away, or memory. */
export interface ByteSource {
  /** Of the whole; undefined where nobody knows. */
  readonly size?: number | undefined
  /** At most `length` bytes from `position`; fewer where that is easier, none behind the end. */
  read(position: number, length: number): Promise<Uint8Array>
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) }
}
