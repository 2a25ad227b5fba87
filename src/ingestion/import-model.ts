/** A model as engines are told of it: its files by what they are. */
import type { ImportFile, ImportModel } from '../providers/provider.ts'
import type { Subject, SubjectFile } from './subject.ts'

export function importModelOf<File extends ImportFile>(
  { repo, quantization, architecture, parameters }: Subject,
  files: readonly { readonly role: SubjectFile['role']; readonly file: File }[],
): ImportModel<File> {
  return {
    repo,
    quantization,
    architecture,
    parameters,
    weights: files.flatMap(({ role, file }) => (role === 'weights' ? [file] : [])),
    projector: files.find(({ role }) => role === 'projector')?.file,
  }
}
