/** What a person writes for a model to get, as a `Source`. */
import { isAbsolute, join, resolve } from 'node:path'
import type { z } from 'zod'
import { hubPath, hubRepo, hubRevision, modelName, providerId, quantizationName, type Source } from '../contract/index.ts'
import { wrongValue } from './option-values.ts'

/** Where it is written. */
export interface Place {
  readonly exists: (path: string) => boolean
  readonly cwd: string
  readonly home: string
  /** Hosts of the Hub's pages beside its usual ones. */
  readonly hosts?: readonly string[]
}

/** What its options say. */
export interface Given {
  readonly quantization?: string | undefined
  /** An engine, which is to fetch it by its own name. */
  readonly from?: string | undefined
}

const usualHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co']
const pathLike = /^(?:\.|[\\/~]|[A-Za-z]:[\\/])/
const quantizationLike = /^(?:UD-)?(?:I?Q\d|BF16$|F16$|F32$|MXFP4|TQ\d)/i
/** First segments of pages that are of no model. */
const otherPages = new Set(['api', 'blog', 'collections', 'datasets', 'docs', 'models', 'organizations', 'papers', 'spaces'])

/**
 * In this order: a name of an engine's own (`from`), what looks like a path, an address of the Hub, what exists here,
 * `pub/repo[:QUANT]` (also `pub/repo/file.gguf`), a catalogue name. Throws `invalid_request`.
 */
export function parseSource(text: string, place: Place, { quantization, from }: Given = {}): Source {
  if (from !== undefined) return ofEngine(text, from, quantization)
  const found = sourceOf(text, place)
  if (quantization === undefined) return found
  if (!('repo' in found || 'catalog' in found)) throw wrongValue('--quant chooses among the files of a repository; a path is one already.')
  const asked = checked(quantizationName, quantization)
  const other = 'file' in found ? found.file : found.quantization
  if (other !== undefined && other.toLowerCase() !== asked.toLowerCase())
    throw wrongValue(`--quant ${asked} and ${JSON.stringify(text)}: name one of them.`)
  return { ...found, quantization: asked }
}

function sourceOf(text: string, place: Place): Source {
  if (text.trim() === '') throw wrongValue('Name what to get: a repository, an address, a catalogue name, or a path.')
  if (pathLike.test(text)) return { path: pathOf(text, place) }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return fromAddress(text, place)
  const hosts = [...usualHosts, ...(place.hosts ?? [])]
  if (hosts.some((host) => text.toLowerCase().startsWith(`${host}/`))) return fromAddress(`https://${text}`, place)
  if (place.exists(resolve(place.cwd, text))) return { path: resolve(place.cwd, text) }
  return text.includes('/') ? fromRepository(text) : fromCatalogue(text)
}

function ofEngine(name: string, from: string, quantization: string | undefined): Source {
  if (quantization !== undefined) throw wrongValue(`With --from the name says everything: write it as ${from} does, without --quant.`)
  return { name: checked(modelName, name), from: checked(providerId, from) }
}

function pathOf(text: string, { cwd, home }: Place): string {
  const path = text === '~' || /^~[\\/]/.test(text) ? join(home, text.slice(1)) : text
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path)
}

/** `pub/repo`, `pub/repo:QUANT`, `pub/repo:file.gguf`, `pub/repo/folder/file.gguf`. */
function fromRepository(text: string): Source {
  const [publisher = '', name = '', ...rest] = text.split('/')
  const colon = name.indexOf(':')
  if (rest.length > 0) {
    if (colon !== -1 || !/\.gguf$/i.test(text)) throw notUnderstood(text, 'After publisher/repo/ the name of a .gguf file was expected.')
    return { repo: repoOf(publisher, name), file: checked(hubPath, rest.join('/')) }
  }
  if (colon === -1) return { repo: repoOf(publisher, name) }
  return { repo: repoOf(publisher, name.slice(0, colon)), ...choiceOf(name.slice(colon + 1), text) }
}

function choiceOf(tag: string, text: string): { quantization?: string; file?: string } {
  if (tag === '') throw notUnderstood(text, 'After the colon a quantization such as Q4_K_M was expected.')
  if (tag.toLowerCase() === 'latest') return {}
  return /\.gguf$/i.test(tag) ? { file: checked(hubPath, tag) } : { quantization: checked(quantizationName, tag) }
}

/** `qwen3-8b`, `qwen3:8b`, and either with `:QUANT` behind. */
function fromCatalogue(text: string): Source {
  const name = text.toLowerCase()
  const colon = text.lastIndexOf(':')
  const isQuantized = colon > 0 && quantizationLike.test(text.slice(colon + 1))
  const catalog = isQuantized ? name.slice(0, colon) : name
  if (!/^[a-z0-9][a-z0-9._:-]{0,63}$/.test(catalog))
    throw notUnderstood(text, 'Expected publisher/repo, an address of the Hub, a catalogue name such as qwen3-8b, or a path.')
  return { catalog, ...(isQuantized && { quantization: checked(quantizationName, text.slice(colon + 1)) }) }
}

/** The addresses of a repository, of a revision of it, and of a file in it. */
function fromAddress(text: string, { hosts = [] }: Place): Source {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || ![...usualHosts, ...hosts].includes(url.host.toLowerCase()))
    throw notUnderstood(text, 'Only addresses of the Hub are understood. Fetch a file from elsewhere yourself, then name its path.')
  const [publisher = '', name = '', page, revision, ...rest] = segmentsOf(url, text)
  if (otherPages.has(publisher) || name === '') throw notUnderstood(text, 'It is not the page of a model.')
  if (page === undefined) return fromPage(publisher, name, url, text)
  const repo = repoOf(publisher, name)
  if (revision === undefined) throw notUnderstood(text, 'It is not the page of a model or a file.')
  const at = { repo, ...(revision !== 'main' && { revision: checked(hubRevision, revision) }) }
  if (page === 'commit' || (page === 'tree' && rest.length === 0)) return at
  // A folder of its own for each quantization is named like it.
  if (page === 'tree') return { ...at, quantization: checked(quantizationName, rest.at(-1) ?? '') }
  if (!['blob', 'resolve', 'raw'].includes(page) || rest.length === 0) throw notUnderstood(text, 'It is not the page of a model or a file.')
  return { ...at, file: checked(hubPath, rest.join('/')) }
}

/** The page of a repository names the file whose details it shows. */
function fromPage(publisher: string, name: string, url: URL, text: string): Source {
  const shown = url.searchParams.get('show_file_info')
  const found = fromRepository(`${publisher}/${name}`)
  if (shown === null || !('repo' in found)) return found
  if (found.quantization ?? found.file) throw notUnderstood(text, 'It names two files.')
  return { ...found, file: checked(hubPath, shown) }
}

function segmentsOf(url: URL, text: string): string[] {
  try {
    return url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    throw notUnderstood(text, 'Its percent signs are broken.')
  }
}

const repoOf = (publisher: string, name: string): string => checked(hubRepo, `${publisher}/${name}`)

function checked<T>(schema: z.ZodType<T>, value: string): T {
  const judged = schema.safeParse(value)
  if (judged.success) return judged.data
  throw notUnderstood(value, `${judged.error.issues[0]?.message ?? 'Another form was expected'}.`)
}

const notUnderstood = (text: string, why: string) =>
  wrongValue(`${JSON.stringify(text.slice(0, 200))} is not understood. ${why.charAt(0).toUpperCase()}${why.slice(1)}`)

/** The same in short, for a person. */
export function sourceText(source: Source): string {
  if ('repo' in source) return [source.repo, source.file ?? source.quantization].filter(Boolean).join(source.file ? '/' : ':')
  if ('catalog' in source) return [source.catalog, source.quantization].filter(Boolean).join(':')
  if ('name' in source) return `${source.from}: ${source.name}`
  return 'ref' in source ? source.ref : source.path
}
