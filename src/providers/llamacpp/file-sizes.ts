import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { isFields, type ListedEntry } from '../openai-chat/index.ts'

/** How big the file of each model is, as far as a router on this machine tells where it is. Asked once for each path. */
export interface FileSizes {
  bytesOf(entry: ListedEntry): Promise<number | undefined>
  /** The first file of a model, where that is told. */
  pathOf(entry: ListedEntry): string | undefined
}

export function createFileSizes(onThisMachine: boolean): FileSizes {
  const known = new Map<string, number>()
  const bytesAt = async (path: string): Promise<number> => {
    const bytes = known.get(path) ?? (await stat(path)).size
    known.set(path, bytes)
    return bytes
  }
  const pathOf = (entry: ListedEntry): string | undefined => (onThisMachine ? modelPath(entry) : undefined)
  return {
    pathOf,
    async bytesOf(entry) {
      const first = pathOf(entry)
      if (first === undefined) return undefined
      try {
        const bytes = await Promise.all(shardsOf(first).map(bytesAt))
        return bytes.reduce((sum, one) => sum + one, 0)
      } catch {
        return undefined
      }
    },
  }
}

/** `--model` of the command line that the router would start. */
function modelPath({ status }: ListedEntry): string | undefined {
  const args: readonly unknown[] = isFields(status) && Array.isArray(status.args) ? status.args : []
  const path = args[args.findIndex((arg) => arg === '--model' || arg === '-m') + 1]
  return typeof path === 'string' && path.length <= 4096 && isAbsolute(path) && path.endsWith('.gguf') ? path : undefined
}

const maxShards = 100

function shardsOf(path: string): string[] {
  const [, stem, total] = /^(.*)-00001-of-(\d{5})\.gguf$/.exec(path) ?? []
  if (stem === undefined || total === undefined || Number(total) > maxShards) return [path]
  return Array.from({ length: Number(total) }, (_, index) => `${stem}-${String(index + 1).padStart(5, '0')}-of-${total}.gguf`)
}
