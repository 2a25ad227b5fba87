/** What a person writes for a model to get, as a `Source`. Without schemas and without the file system: a browser reads by it as well. */
import { ModelyardError } from './error.ts'
import type { Source } from './job.ts'
import {
  catalogShape,
  hubPathLimit,
  hubPathRules,
  hubRepoRule,
  hubRevisionShape,
  modelNameLimit,
  modelNameRules,
  type NameRule,
  type NameShape,
  providerIdShape,
  quantizationShape,
} from './name-rules.ts'

/** Where it is written. */
export interface WrittenAt {
  /** Hosts of the Hub's pages beside its usual ones. */
  readonly hosts?: readonly string[]
  /** The whole path that is meant, if one is; `looksLikeOne`: by its beginning it can be nothing else. */
  readonly path: (text: string, looksLikeOne: boolean) => string | undefined
}

const usualHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co']
const pathLike = /^(?:\.|[\\/~]|[A-Za-z]:[\\/])/
const quantizationLike = /^(?:UD-)?(?:I?Q\d|BF16$|F16$|F32$|MXFP4|TQ\d)/i
/** First segments of pages that are of no model. */
const otherPages = new Set(['api', 'blog', 'collections', 'datasets', 'docs', 'models', 'organizations', 'papers', 'spaces'])

/**
 * In this order: what looks like a path, an address of the Hub, what exists as a path, `pub/repo[:QUANT]` (also
 * `pub/repo/file.gguf`), a catalogue name. Throws `invalid_request`.
 */
export function writtenSource(text: string, at: WrittenAt): Source {
  if (text.trim() === '') throw wrong('Name what to get: a repository, an address, a catalogue name, or a path.')
  const looksLikePath = pathLike.test(text)
  const path = looksLikePath ? at.path(text, true) : undefined
  if (path !== undefined) return { path }
  if (looksLikePath) throw notUnderstood(text, 'Only a whole path is understood here, from the root on.')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return fromAddress(text, at)
  const hosts = [...usualHosts, ...(at.hosts ?? [])]
  if (hosts.some((host) => text.toLowerCase().startsWith(`${host}/`))) return fromAddress(`https://${text}`, at)
  const there = at.path(text, false)
  if (there !== undefined) return { path: there }
  return text.includes('/') ? fromRepository(text) : fromCatalogue(text)
}

/** A name as an engine writes it, which the engine is to fetch. */
export const writtenName = (name: string, from: string): Source => ({
  name: checked([sized(modelNameLimit), ...modelNameRules], name),
  from: checked([shaped(providerIdShape)], from),
})

export const writtenQuantization = (text: string): string => checked([shaped(quantizationShape)], text)

/** `pub/repo`, `pub/repo:QUANT`, `pub/repo:file.gguf`, `pub/repo/folder/file.gguf`. */
function fromRepository(text: string): Source {
  const [publisher = '', name = '', ...rest] = text.split('/')
  const colon = name.indexOf(':')
  if (rest.length > 0) {
    if (colon !== -1 || !/\.gguf$/i.test(text)) throw notUnderstood(text, 'After publisher/repo/ the name of a .gguf file was expected.')
    return { repo: repoOf(publisher, name), file: fileOf(rest.join('/')) }
  }
  if (colon === -1) return { repo: repoOf(publisher, name) }
  return { repo: repoOf(publisher, name.slice(0, colon)), ...choiceOf(name.slice(colon + 1), text) }
}

function choiceOf(tag: string, text: string): { quantization?: string; file?: string } {
  if (tag === '') throw notUnderstood(text, 'After the colon a quantization such as Q4_K_M was expected.')
  if (tag.toLowerCase() === 'latest') return {}
  return /\.gguf$/i.test(tag) ? { file: fileOf(tag) } : { quantization: writtenQuantization(tag) }
}

/** `qwen3-8b`, `qwen3:8b`, and either with `:QUANT` behind. */
function fromCatalogue(text: string): Source {
  const name = text.toLowerCase()
  const colon = text.lastIndexOf(':')
  const isQuantized = colon > 0 && quantizationLike.test(text.slice(colon + 1))
  const catalog = isQuantized ? name.slice(0, colon) : name
  if (!catalogShape.shape.test(catalog))
    throw notUnderstood(text, 'Expected publisher/repo, an address of the Hub, a catalogue name such as qwen3-8b, or a path.')
  return { catalog, ...(isQuantized && { quantization: writtenQuantization(text.slice(colon + 1)) }) }
}

/** The addresses of a repository, of a revision of it, and of a file in it. */
function fromAddress(text: string, { hosts = [] }: WrittenAt): Source {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || ![...usualHosts, ...hosts].includes(url.host.toLowerCase()))
    throw notUnderstood(text, 'Only addresses of the Hub are understood. Fetch a file from elsewhere yourself, then name its path.')
  const [publisher = '', name = '', page, revision, ...rest] = segmentsOf(url, text)
  if (otherPages.has(publisher) || name === '') throw notUnderstood(text, 'It is not the page of a model.')
  if (page === undefined) return fromPage(publisher, name, url, text)
  const repo = repoOf(publisher, name)
  if (revision === undefined) throw notUnderstood(text, 'It is not the page of a model or a file.')
  const at = { repo, ...(revision !== 'main' && { revision: checked([shaped(hubRevisionShape)], revision) }) }
  if (page === 'commit' || (page === 'tree' && rest.length === 0)) return at
  // A folder of its own for each quantization is named like it.
  if (page === 'tree') return { ...at, quantization: writtenQuantization(rest.at(-1) ?? '') }
  if (!['blob', 'resolve', 'raw'].includes(page) || rest.length === 0) throw notUnderstood(text, 'It is not the page of a model or a file.')
  return { ...at, file: fileOf(rest.join('/')) }
}

/** The page of a repository names the file whose details it shows. */
function fromPage(publisher: string, name: string, url: URL, text: string): Source {
  const shown = url.searchParams.get('show_file_info')
  const found = fromRepository(`${publisher}/${name}`)
  if (shown === null || !('repo' in found)) return found
  if (found.quantization ?? found.file) throw notUnderstood(text, 'It names two files.')
  return { ...found, file: fileOf(shown) }
}

function segmentsOf(url: URL, text: string): string[] {
  try {
    return url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    throw notUnderstood(text, 'Its percent signs are broken.')
  }
}

const repoOf = (publisher: string, name: string): string => checked([hubRepoRule], `${publisher}/${name}`)
const fileOf = (path: string): string => checked([sized(hubPathLimit), ...hubPathRules], path)

const shaped = ({ shape, says }: NameShape): NameRule => ({ holds: (text) => shape.test(text), says })
const sized = ({ characters, says }: { characters: number; says: string }): NameRule => ({
  holds: (text) => text.length > 0 && text.length <= characters,
  says,
})

function checked(rules: readonly NameRule[], value: string): string {
  const broken = rules.find(({ holds }) => !holds(value))
  if (!broken) return value
  throw notUnderstood(value, `${broken.says}.`)
}

const notUnderstood = (text: string, why: string): ModelyardError =>
  wrong(`${JSON.stringify(text.slice(0, 200))} is not understood. ${why.charAt(0).toUpperCase()}${why.slice(1)}`)

const wrong = (message: string): ModelyardError => new ModelyardError('invalid_request', message, { hint: 'Correct it and try again.' })

/** The same in short, for a person. */
export function sourceText(source: Source): string {
  if ('repo' in source) return [source.repo, source.file ?? source.quantization].filter(Boolean).join(source.file ? '/' : ':')
  if ('catalog' in source) return [source.catalog, source.quantization].filter(Boolean).join(':')
  if ('name' in source) return `${source.from}: ${source.name}`
  return 'ref' in source ? source.ref : source.path
}
