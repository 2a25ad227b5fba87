/** The Hub's answers by shape: what is wrong in one entry leaves that entry out, what is wrong as a whole is an error. */
import { z } from 'zod'
import { type HubFile, type HubRepository, type HubResult, hubPath, hubRepo, ModelyardError } from '../contract/index.ts'

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional().catch(undefined)
/** A short text without control or invisible characters. */
const word = z
  .string()
  .max(100)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u)
  .optional()
  .catch(undefined)

const facts = z.object({
  id: hubRepo,
  gated: z.union([z.literal(false), z.enum(['auto', 'manual'])]).catch(false),
  downloads: count,
  likes: count,
  lastModified: z.iso.datetime().optional().catch(undefined),
  pipeline_tag: word,
  tags: z.array(z.string().max(200)).max(1000).catch([]),
  gguf: z.object({ total: count, architecture: word, context_length: count }).partial().optional().catch(undefined),
})

const info = facts.extend({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z
    .object({ license: z.union([word, z.array(word)]), license_name: word })
    .partial()
    .optional()
    .catch(undefined),
})

const hash = z.string().regex(/^[0-9a-f]{64}$/)

const entry = z.object({
  type: z.literal('file'),
  path: hubPath,
  size: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  lfs: z.object({ oid: hash, size: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER) }).optional(),
  xetHash: hash.optional().catch(undefined),
})

/** Files of models that neither write nor embed text. */
const otherTasks =
  /^(?:text-to-(?:image|video|audio|speech|3d)|image-to-(?:image|video|3d)|automatic-speech-recognition|audio-.*|unconditional-image-.*)$/

export function searchPage(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body
  throw notUnderstood('a list of repositories')
}

/** Undefined for what is no repository we could name, or no model of text. */
export function resultOf(one: unknown): HubResult | undefined {
  const read = facts.safeParse(one)
  if (!read.success || otherTasks.test(read.data.pipeline_tag ?? '')) return undefined
  return { repo: read.data.id, ...factsOf(read.data), ...defined({ licence: licenceTag(read.data.tags) }) }
}

export function modelInfo(body: unknown, asked: string): Omit<HubRepository, 'url' | 'quantizations' | 'projectors' | 'drafts'> {
  const read = info.safeParse(body)
  if (!read.success) throw notUnderstood(`the repository ${asked}`)
  const { cardData, tags, id, sha } = read.data
  const [licence] = [cardData?.license].flat()
  const named = licence === 'other' ? (cardData?.license_name ?? licence) : licence
  return { repo: id, commit: sha, ...factsOf(read.data), ...defined({ licence: named ?? licenceTag(tags) }) }
}

export interface ListedFile extends HubFile {
  /** What the bytes have as `ETag`. */
  readonly xetHash?: string | undefined
}

/** Size and hash of a file kept outside git are those of its pointer; folders and hostile names are left out. */
export function filesIn(body: unknown): ListedFile[] {
  if (!Array.isArray(body)) throw notUnderstood('a list of files')
  return body.flatMap((one): ListedFile[] => {
    const read = entry.safeParse(one)
    if (!read.success) return []
    const { path, size, lfs, xetHash } = read.data
    return [{ path, bytes: lfs?.size ?? size, ...defined({ sha256: lfs?.oid, xetHash }) }]
  })
}

function factsOf({ gated, downloads, likes, lastModified, gguf }: z.infer<typeof facts>) {
  const { architecture, total, context_length } = gguf ?? {}
  return {
    gated,
    ...defined({
      downloads,
      likes,
      updatedAt: lastModified,
      architecture,
      parameters: total || undefined,
      contextLength: context_length || undefined,
    }),
  }
}

const licenceTag = (tags: readonly string[]): string | undefined => {
  const found = tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length)
  return found && word.parse(found)
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>

const notUnderstood = (what: string): ModelyardError =>
  new ModelyardError('hub_protocol', `The Hub did not answer with ${what} in a form that is understood.`)
