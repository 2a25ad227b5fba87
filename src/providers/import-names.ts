import { hubPath, hubRepo, ModelyardError } from '../contract/index.ts'
import type { ImportFile, ImportModel } from './provider.ts'

const shard = /-\d{5}-of-\d{5}$/i

/**
 * All files of a model in their order, its projector last, under the names by which engines that read a folder know what
 * they are: `.gguf` in small letters, and `mmproj` in that of a projector. Throws `unsafe_name` for what cannot be a
 * folder and files in it on every operating system, or would be taken for an option.
 */
export function filesToImport<File extends ImportFile>({ repo, weights, projector }: ImportModel<File>): File[] {
  const files = [...weights.map(asWeights), ...(projector ? [asProjector(projector)] : [])]
  const names = new Set(files.map(({ name }) => name.toLowerCase()))
  const safe = hubRepo.safeParse(repo).success && !repo.startsWith('-') && files.every(({ name }) => isFileName(name))
  if (!safe || names.size < files.length || weights.length === 0)
    throw new ModelyardError('unsafe_name', `The names of ${repo} cannot be given to an engine.`)
  return files
}

const isFileName = (name: string): boolean => hubPath.safeParse(name).success && /^[^.-][^/]*\.gguf$/.test(name)

const asWeights = <File extends ImportFile>(file: File): File => ({ ...file, name: file.name.replace(/\.gguf$/i, '.gguf') })

const asProjector = <File extends ImportFile>(file: File): File => {
  const { name } = asWeights(file)
  return { ...file, name: name.includes('mmproj') ? name : `mmproj-${name}` }
}

/** The name of a file without `.gguf` and without what numbers shards. */
export const stemOf = (name: string): string => name.replace(/\.gguf$/i, '').replace(shard, '')
