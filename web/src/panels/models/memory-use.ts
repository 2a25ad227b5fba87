/** Whose the memory of the machine is: of models that are loaded, of everything else, free. Pure. */
import type { Hardware, LoadedModel } from '../../sdk.ts'

export interface MemoryUse {
  readonly total: number
  readonly free: number
  /** Of it, what the engines say that their models take. */
  readonly models: number
  readonly other: number
}

export interface MachineUse {
  readonly memory: MemoryUse
  readonly gpus: readonly { readonly name: string; readonly use?: MemoryUse | undefined }[]
}

/** What models take on a GPU can be told of one GPU only: with several, nobody says on which they lie. */
export function machineUseOf({ memory, gpus }: Hardware, loaded: readonly LoadedModel[]): MachineUse {
  const onGpu = sum(loaded.map(({ gpuBytes }) => gpuBytes))
  const all = sum(loaded.map(({ memoryBytes }) => memoryBytes))
  return {
    memory: useOf(memory.total, memory.free, Math.max(0, all - onGpu)),
    gpus: gpus.map(({ name, total, free }) => ({
      name,
      use: total === undefined || free === undefined ? undefined : useOf(total, free, gpus.length === 1 ? onGpu : 0),
    })),
  }
}

/** Files that are mapped count as free until they are touched: models never take more than is in use. */
function useOf(total: number, free: number, said: number): MemoryUse {
  const used = Math.max(0, total - free)
  const models = Math.min(said, used)
  return { total, free: Math.min(free, total), models, other: used - models }
}

const sum = (numbers: readonly (number | undefined)[]): number => numbers.reduce<number>((all, one) => all + (one ?? 0), 0)
