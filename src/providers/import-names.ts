import { ModelyardError } from '../contract/index.ts'
import type { ImportFile, ImportModel } from './provider.ts'

const repoName = /^(?!.*\.\.)[A-Za-z0-9](?:[\w.-]{0,94}\w)?\/[A-Za-z0-9](?:[\w.-]{0,94}\w)?$/
const fileName = /^[^.\-/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}][^/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,249}\.gguf$/iu
const shard = /-\d{5}-of-\d{5}$/i

/**
 * All files of a model in their order, its projector last, under the names by which engines that read a folder know what
 * they are: `.gguf` in small letters, and `mmproj` in that of a projector. Refuses names that cannot be a folder and a
 * file of it.
 */
export function filesToImport<File extends ImportFile>({ repo, weights, projector }: ImportModel<File>): File[] {
  const files = [...weights, ...(projector ? [projector] : [])]
  const names = files.map(({ name }) => name)
  if (!repoName.test(repo) || names.some((name) => !fileName.test(name)) || new Set(names).size < names.length || weights.length === 0)
    throw new ModelyardError('unsafe_name', `The names of ${repo} cannot be given to an engine.`)
  return [...weights.map(asWeights), ...(projector ? [asProjector(projector)] : [])]
}

const asWeights = <File extends ImportFile>(file: File): File => ({ ...file, name: file.name.replace(/\.gguf$/i, '.gguf') })

const asProjector = <File extends ImportFile>(file: File): File => {
  const { name } = asWeights(file)
  return { ...file, name: name.includes('mmproj') ? name : `mmproj-${name}` }
}

/** The name of a file without `.gguf` and without what numbers shards. */
export const stemOf = (name: string): string => name.replace(/\.gguf$/i, '').replace(shard, '')
