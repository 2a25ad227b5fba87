/**
 * What an imported model is called: the repository without its publisher and without `-GGUF`, then the quantization, in
 * small letters. Source of the grammar: types/model/name.go of Ollama.
 */
import type { ImportFile, ImportModel } from '../provider.ts'

const maxPart = 80

/** The name, and the first one that was taken where a number had to be added. */
export function importName(model: ImportModel<ImportFile>, isTaken: (name: string) => boolean): { name: string; taken?: string } {
  const base =
    part(
      model.repo
        .split('/')
        .at(-1)
        ?.replace(/[-_.]?gguf$/i, '') ?? '',
    ) || 'model'
  const tag = part(model.quantization ?? '') || 'latest'
  const wanted = `${base}:${tag}`
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${base}:${numbered(tag, number)}`
    if (!isTaken(name)) return number === 1 ? { name } : { name, taken: wanted }
  }
}

const part = (written: string): string =>
  written
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9_]+/, '')
    .slice(0, maxPart)

function numbered(tag: string, number: number): string {
  const end = `-${number}`
  return tag.slice(0, maxPart - end.length) + end
}
