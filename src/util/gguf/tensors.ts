/** What a header says of its tensors: are they all within the file, and how many values are there? */
import { DamagedHeader, type HeaderReader } from './header-reader.ts'
import { tensorTypes } from './tensor-types.ts'

export interface TensorFacts {
  /** Values of all tensors of this file. */
  readonly values: number
}

export interface TensorsOptions {
  readonly count: number
  readonly alignment: number
  /** Of the file; undefined: not known, then only what can be judged is. */
  readonly size: number | undefined
}

const maxNameBytes = 1024
const maxDimensions = 4

interface Place {
  readonly offset: number
  /** Undefined for a type that is not known here. */
  readonly bytes: number | undefined
}

/** `reader` stands behind the metadata. Throws `DamagedHeader` for a tensor that cannot be. */
export async function readTensors(reader: HeaderReader, { count, alignment, size }: TensorsOptions): Promise<TensorFacts> {
  let values = 0
  let end = 0
  for (let index = 0; index < count; index += 1) {
    const tensor = await readTensor(reader, alignment)
    values += tensor.values
    end = Math.max(end, tensor.offset + (tensor.bytes ?? 1))
  }
  const data = Math.ceil(reader.position / alignment) * alignment
  if (size !== undefined && count > 0 && data + end > size)
    throw new DamagedHeader(`its tensors reach to ${data + end} bytes, and the file has ${size}`)
  return { values }
}

async function readTensor(reader: HeaderReader, alignment: number): Promise<Place & { readonly values: number }> {
  await reader.skip(await reader.count(maxNameBytes, 'the bytes of the name of a tensor'))
  const dimensions = await reader.u32()
  if (dimensions > maxDimensions) throw new DamagedHeader(`it has a tensor of ${dimensions} dimensions, more than ${maxDimensions}`)
  let values = 1
  for (let index = 0; index < dimensions; index += 1) {
    values *= await reader.count(Number.MAX_SAFE_INTEGER, 'the size of a tensor')
    if (values > Number.MAX_SAFE_INTEGER) throw new DamagedHeader('it has a tensor of more values than any file holds')
  }
  const type = tensorTypes[await reader.u32()]
  const offset = await reader.count(Number.MAX_SAFE_INTEGER, 'the place of a tensor')
  if (offset % alignment !== 0) throw new DamagedHeader(`it has a tensor at ${offset}, which is no multiple of ${alignment}`)
  return { values, offset, bytes: type && Math.ceil(values / type[0]) * type[1] }
}
