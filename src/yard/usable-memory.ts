/** Memory that models can use, from what the machine tells. */
import type { Hardware } from '../contract/index.ts'
import type { MemoryReader } from '../switching/directory.ts'

/** RAM and GPUs together, since engines split a model over both; a GPU that does not tell is left out. */
export function createMemoryReader(hardware: () => Promise<Hardware>): MemoryReader {
  return async () => {
    const { memory, gpus } = await hardware()
    const told = gpus.filter((gpu) => gpu.total !== undefined && gpu.free !== undefined)
    return {
      free: memory.free + told.reduce((sum, gpu) => sum + (gpu.free ?? 0), 0),
      total: memory.total + told.reduce((sum, gpu) => sum + (gpu.total ?? 0), 0),
    }
  }
}
