/** Which files of a repository are meant: by file, by quantization, or the best that fits. Pure. */
import { quantizationInfo } from '../catalog/catalog.ts'
import { type HubFile, type HubQuantization, type HubRepository, ModelyardError } from '../contract/index.ts'

export interface Choice {
  readonly chosen: HubQuantization
  readonly projector?: HubFile | undefined
  /** Why this one. */
  readonly why: string
  readonly warnings: readonly string[]
}

export interface Wish {
  readonly quantization?: string | undefined
  readonly file?: string | undefined
}

/** Throws `repo_not_found` (with what there is), `model_ambiguous`, `not_a_model_file`, `shard_missing`. */
export function chooseQuantization(repository: HubRepository, wish: Wish): Choice {
  const { chosen, why, warnings = [] } = choose(repository, wish)
  if (!chosen.complete)
    throw new ModelyardError('shard_missing', `${repository.repo}: of ${chosen.quantization} not every file of the set is there.`, {
      details: { files: chosen.files.map(({ path }) => path) },
    })
  return { chosen, why, warnings, projector: projectorFor(repository, chosen) }
}

type Chosen = Pick<Choice, 'chosen' | 'why'> & { readonly warnings?: readonly string[] }

function choose(repository: HubRepository, { file, quantization }: Wish): Chosen {
  if (repository.quantizations.length === 0)
    throw new ModelyardError('not_a_model_file', `${repository.repo} has no GGUF model in it.`, {
      hint: 'Look for a repository with GGUF files: `modelyard search WORDS`.',
    })
  if (file !== undefined) return byFile(repository, file, quantization)
  return quantization === undefined ? best(repository) : byQuantization(repository, quantization)
}

function byFile({ repo, quantizations, projectors, drafts }: HubRepository, file: string, quantization: string | undefined): Chosen {
  const is = ({ path }: HubFile): boolean => path === file || baseOf(path) === file
  const found = quantizations.filter((one) => one.files.some(is))
  const [chosen] = found
  if (chosen && found.length === 1) {
    if (quantization !== undefined && !sameText(chosen.quantization, quantization))
      throw new ModelyardError('invalid_request', `${file} is ${chosen.quantization}, not ${quantization}.`)
    return { chosen, why: 'the file that was named' }
  }
  if (found.length > 1) throw ambiguous(repo, file, found)
  if ([...projectors, ...drafts].some(is))
    throw new ModelyardError('not_a_model_file', `${file} is no model by itself: it belongs beside one.`, {
      hint: 'Name the model; its projector comes with it.',
    })
  throw new ModelyardError('repo_not_found', `${repo} has no file "${file}" that is a model.`, {
    details: { files: quantizations.flatMap(({ files }) => files.map(({ path }) => path)).slice(0, 50) },
  })
}

function byQuantization({ repo, quantizations }: HubRepository, wanted: string): Chosen {
  const found = quantizations.filter((one) => sameText(one.quantization, wanted))
  const [chosen] = found
  if (!chosen) {
    const there = [...new Set(quantizations.map((one) => one.quantization))]
    throw new ModelyardError('repo_not_found', `${repo} has no quantization ${wanted}. It has: ${there.join(', ')}.`, {
      hint: 'Choose one of these.',
      details: { quantizations: there },
    })
  }
  if (found.length > 1) throw ambiguous(repo, wanted, found)
  return { chosen, why: 'the quantization that was named' }
}

function best({ quantizations, recommended, recommendation }: HubRepository): Chosen {
  const whole = quantizations.filter(({ complete }) => complete)
  const taken = whole.find((one) => one.quantization === recommended)
  if (taken?.quantization === 'unknown' && quantizations.length === 1) return { chosen: taken, why: 'the only one there is' }
  if (taken) return { chosen: taken, why: recommendation ?? `${taken.quantization} is recommended.` }
  const [smallest] = [...(whole.length > 0 ? whole : quantizations)].sort((a, b) => a.bytes - b.bytes)
  if (!smallest) throw new TypeError('a repository without quantizations')
  return { chosen: smallest, why: 'the smallest', warnings: recommendation === undefined ? [] : [recommendation] }
}

const ambiguous = (repo: string, wanted: string, found: readonly HubQuantization[]): ModelyardError => {
  const candidates = found.flatMap(({ files }) => files[0]?.path ?? [])
  return new ModelyardError('model_ambiguous', `${repo}: "${wanted}" means several models: ${candidates.join(', ')}.`, {
    hint: 'Name the file.',
    details: { candidates },
  })
}

/** The nearest by folder, then by bits a weight, as llama.cpp pairs them. */
function projectorFor({ projectors }: HubRepository, { files, quantization }: HubQuantization): HubFile | undefined {
  const folder = folderOf(files[0]?.path ?? '')
  const bits = quantizationInfo(quantization)?.bitsPerWeight ?? 16
  const far = ({ path }: HubFile): number => {
    const name = /(?:BF16|F16|F32|Q\d[_A-Z0-9]*)/i.exec(baseOf(path))?.[0].toUpperCase()
    return Math.abs((quantizationInfo(name ?? 'F16')?.bitsPerWeight ?? 16) - bits)
  }
  const near = projectors.filter(({ path }) => folder === folderOf(path) || folder.startsWith(folderOf(path)))
  return near.sort((a, b) => folderOf(b.path).length - folderOf(a.path).length || far(a) - far(b))[0]
}

export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
