/** What an engine holds already, or what it is to fetch by itself. */
import { extname } from 'node:path'
import { joinRef, ModelyardError } from '../contract/index.ts'
import type { HeldFile } from '../providers/provider.ts'
import type { Directory } from '../switching/directory.ts'
import { existingProvider } from '../switching/existing-provider.ts'
import { resolveModel } from '../switching/resolve.ts'
import { quantizationInName } from '../util/gguf/quantization-name.ts'
import { isSegment, segmentFrom } from './repo-name.ts'
import type { Found, SubjectFile } from './subject.ts'

/** Throws `provider_not_found`, `unsupported_operation`. */
export function fromPull(directory: Directory, { name, from }: { readonly name: string; readonly from: string }): Found {
  const provider = existingProvider(directory, from)
  if (!provider.pull || !provider.capabilities.pull)
    throw new ModelyardError('unsupported_operation', `${from} has no download of its own that Modelyard knows.`, {
      hint: 'Pull it from the Hub instead: `modelyard pull PUBLISHER/REPOSITORY`.',
    })
  return { kind: 'engine-pull', subject: { repo: joinRef(from, name), files: [] }, told: {}, warnings: [], pull: { provider: from, name } }
}

/** Throws what resolving a name does, and `unsupported_operation` where its files cannot be reached. */
export async function fromShare(directory: Directory, { ref }: { readonly ref: string }, signal: AbortSignal): Promise<Found> {
  const { provider, model } = await resolveModel(directory, { model: ref, chatOnly: false, signal })
  const held = (await provider.files?.(signal, model.name)) ?? []
  if (!held.some(({ role }) => role === 'weights'))
    throw new ModelyardError('unsupported_operation', `The files of ${joinRef(provider.id, model.name)} cannot be reached.`, {
      hint: `Name the folder of its models as "modelsDir" of ${provider.id} in the configuration, and see that it can be read.`,
    })
  const quantization = model.quantization ?? quantizationInName(model.name)
  const repo = repoOf(provider.id, model.name)
  const stem = stemOf(repo.split('/')[1] ?? 'model', quantization)
  return {
    kind: 'share',
    subject: {
      repo,
      ...(quantization !== undefined && { quantization }),
      ...(model.family !== undefined && { architecture: model.family }),
      files: held.map((one, index) => fileOf(one, nameOf(one, stem, held, index))),
    },
    told: { contextLength: model.contextLength },
    warnings: [],
    holder: provider.id,
  }
}

/** `publisher/name` as folders know it: a model of the library or of LM Studio keeps its own, others get their engine's. */
function repoOf(provider: string, name: string): string {
  const [publisher, repo, file] = name.split('/')
  if (file !== undefined && isSegment(publisher) && isSegment(repo)) return `${publisher}/${repo}`
  return `${provider}/${segmentFrom(name.replace(/:latest$/, ''))}`
}

/** With its quantization at its end, once. */
const stemOf = (name: string, quantization: string | undefined): string =>
  quantization === undefined || name.toLowerCase().endsWith(quantization.toLowerCase()) ? name : `${name}-${quantization}`

/** A file that has no name of its own (a blob) gets one. */
function nameOf({ path, role }: HeldFile, stem: string, held: readonly HeldFile[], index: number): string {
  const own = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  if (extname(own).toLowerCase() === '.gguf') return own
  if (role === 'projector') return `mmproj-${stem}.gguf`
  const weights = held.filter((one) => one.role === 'weights')
  if (weights.length === 1) return `${stem}.gguf`
  const number = (value: number): string => String(value).padStart(5, '0')
  return `${stem}-${number(weights.indexOf(held[index] as HeldFile) + 1)}-of-${number(weights.length)}.gguf`
}

const fileOf = ({ path, bytes, sha256, role }: HeldFile, name: string): SubjectFile => ({
  path: name,
  name,
  bytes,
  ...(sha256 !== undefined && { sha256 }),
  role,
  at: path,
})
