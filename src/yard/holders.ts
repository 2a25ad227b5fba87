/**
 * Which engines hold the bytes of a model, where, and what they really cost on disk. The same file (device and inode),
 * or the same SHA-256 as far as one is known: showing a model computes none.
 */
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { joinRef, type Model, ModelyardError } from '../contract/index.ts'
import type { FileHashes, LibraryStore } from '../library/library-store.ts'
import { withinTime } from '../platform/within-time.ts'
import type { HeldFile, ModelDetails, Provider } from '../providers/provider.ts'

export interface HolderSources {
  readonly providers: readonly Provider[]
  readonly library?: Pick<LibraryStore, 'at'> | undefined
  readonly hashes?: Pick<FileHashes, 'known'> | undefined
}

export interface Holders extends Pick<NonNullable<Model['details']>, 'holders' | 'diskBytes'> {
  /** Where the library has it from. */
  readonly source?: Model['source']
}

/** One file of one model of one engine. */
export interface Held extends HeldFile {
  readonly ref: string
}

const filesMs = 5000

export async function holdersOf(model: ModelDetails, provider: Provider, sources: HolderSources, signal: AbortSignal): Promise<Holders> {
  const own = await ownFiles(model, provider, signal)
  const ref = joinRef(provider.id, model.name)
  if (own.length === 0) return { holders: [{ ref, bytes: model.sizeBytes ?? 0 }], diskBytes: model.sizeBytes ?? 0 }
  const look = createLook(sources)
  const elsewhere = await allFiles(sources.providers, signal)
  const held = [...own, ...(await sameBytes(own, elsewhere, look))]
  const source = await sourceOf(held, sources)
  return {
    holders: held.map(({ ref, path, bytes }) => ({ ref, path, bytes })),
    diskBytes: await diskBytesOf(held, look),
    ...(source && { source }),
  }
}

async function ownFiles(model: ModelDetails, provider: Provider, signal: AbortSignal): Promise<Held[]> {
  const ref = joinRef(provider.id, model.name)
  const held = await filesOf(provider, signal, model.name)
  if (held.length > 0) return held.map((one) => ({ ...one, ref }))
  return (model.files ?? []).map(({ path, bytes }) => ({ ref, name: model.name, path, bytes, role: 'weights' as const }))
}

/** Every file that an engine tells of; an engine that does not answer holds nothing that is known. */
export async function allFiles(providers: readonly Provider[], signal: AbortSignal): Promise<Held[]> {
  const answers = await Promise.all(
    providers.map(async (one) => (await filesOf(one, signal)).map((file) => ({ ...file, ref: joinRef(one.id, file.name) }))),
  )
  return answers.flat()
}

async function filesOf(provider: Provider, signal: AbortSignal, name?: string): Promise<readonly HeldFile[]> {
  if (!provider.files) return []
  const late = (): ModelyardError => new ModelyardError('timeout', `${provider.id} did not tell its files in time.`)
  try {
    return await withinTime({ signal, ms: filesMs, late }, async (bounded) => (await provider.files?.(bounded, name)) ?? [])
  } catch (error) {
    if (signal.aborted) throw error
    return []
  }
}

/** What is known of a file, each asked once. */
interface Look {
  stat(path: string): Promise<BigIntStats | undefined>
  sha256(file: HeldFile): Promise<string | undefined>
}

export function createLook({ library, hashes }: Omit<HolderSources, 'providers'>): Look {
  const stats = new Map<string, Promise<BigIntStats | undefined>>()
  const digests = new Map<string, Promise<string | undefined>>()
  const known = async ({ path, sha256 }: HeldFile): Promise<string | undefined> =>
    sha256 ?? (await library?.at(path))?.sha256 ?? (await hashes?.known(path))
  const once = <T>(all: Map<string, Promise<T>>, path: string, ask: () => Promise<T>): Promise<T> => {
    const asked = all.get(path) ?? ask()
    all.set(path, asked)
    return asked
  }
  return {
    stat: (path) => once(stats, path, () => stat(path, { bigint: true }).catch(() => undefined)),
    sha256: (file) => once(digests, file.path, () => known(file)),
  }
}

/** Other models with the same weights, all of them; a projector that is shared alone makes no holder. */
async function sameBytes(own: readonly Held[], all: readonly Held[], look: Look): Promise<Held[]> {
  const others = new Map<string, Held[]>()
  for (const one of all) {
    if (one.ref === own[0]?.ref || !own.some((mine) => mine.bytes === one.bytes)) continue
    if (!(await isAmong(one, own, look))) continue
    others.set(one.ref, [...(others.get(one.ref) ?? []), one])
  }
  const weights = own.filter(({ role }) => role === 'weights').length
  return [...others.values()].filter((files) => files.filter(({ role }) => role === 'weights').length >= weights).flat()
}

async function isAmong(one: Held, own: readonly Held[], look: Look): Promise<boolean> {
  for (const mine of own) if (mine.bytes === one.bytes && (await areSame(mine, one, look))) return true
  return false
}

async function areSame(a: HeldFile, b: HeldFile, look: Look): Promise<boolean> {
  const [left, right] = await Promise.all([look.stat(a.path), look.stat(b.path)])
  if (left && right && left.dev === right.dev && left.ino === right.ino) return true
  const [mine, other] = await Promise.all([look.sha256(a), look.sha256(b)])
  return mine !== undefined && mine === other
}

/** Each inode once, by the blocks it takes; what cannot be looked at by what its engine says. */
async function diskBytesOf(held: readonly Held[], look: Look): Promise<number> {
  const byInode = new Map<string, number>()
  for (const { path, bytes } of held) {
    const found = await look.stat(path)
    byInode.set(found ? `${found.dev}-${found.ino}` : path, found ? Number(found.blocks) * 512 : bytes)
  }
  return [...byInode.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** What the library says of the first of them that lies in it. */
async function sourceOf(held: readonly Held[], { library }: HolderSources): Promise<Model['source']> {
  for (const { path } of held) {
    const { repo, file, sha256 } = (await library?.at(path)) ?? {}
    if (repo !== undefined && file !== undefined && sha256 !== undefined) return { repo, file, sha256 }
  }
  return undefined
}
