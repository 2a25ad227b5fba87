/**
 * Which files below LM Studio's models folder (`publisher/repo/file.gguf`) are a model that its API lists. The API tells
 * no path, so the folder is read, and only one set of files whose name and size both fit counts: a guess removes nothing.
 */
import { join } from 'node:path'
import type { WalkedFile } from '../../platform/folder-walk.ts'
import { inSlices } from '../../platform/slices.ts'
import { walkFolder } from '../../platform/walk-folder.ts'
import type { HeldFile, ListedModel } from '../provider.ts'

export interface StudioFiles {
  /** `publisher/repo/file` without what numbers shards. */
  readonly name: string
  readonly repo: string
  readonly weights: readonly string[]
  readonly bytes: number
  /** All projectors of the folder. */
  readonly projectors: readonly string[]
  readonly projectorBytes: number
  /** All of them by their real paths, as they were found. */
  readonly held: readonly Omit<HeldFile, 'name'>[]
}

const shard = /-\d{5}-of-\d{5}$/i

/** Every set of files below the folder; nothing that is reached through a linked folder. The same array while nothing changes. */
export async function scanModels(modelsDir: string): Promise<{ root: string; sets: readonly StudioFiles[] }> {
  const { root = modelsDir, files } = await walkFolder(modelsDir, 2)
  const sets = scanned.get(files) ?? setsOf(root, files)
  scanned.set(files, sets)
  return { root, sets: await sets }
}

const scanned = new WeakMap<readonly WalkedFile[], Promise<readonly StudioFiles[]>>()

/** The one set that is this model; undefined when none or several could be. */
export function filesOf(model: ListedModel, sets: readonly StudioFiles[]): StudioFiles | undefined {
  const { sizeBytes } = model
  if (sizeBytes === undefined) return undefined
  const found = named(model.name, sets).filter((one) => fits(one, sizeBytes))
  return found.length === 1 ? found[0] : undefined
}

/**
 * The listed model that the files of this name are: by name and size, else the one of that name that was not listed
 * before, else the only one of that name where no sizes are told, else the only one of exactly that size whose name tells
 * nothing.
 */
export function listedAs(
  { name, before }: { name: string; before: ReadonlySet<string> },
  models: readonly ListedModel[],
  sets: readonly StudioFiles[],
): ListedModel | undefined {
  const set = sets.find((one) => one.name === name)
  if (!set) return undefined
  const certain = models.find((model) => filesOf(model, sets) === set)
  if (certain) return certain
  const unclear = models.filter((model) => filesOf(model, sets) === undefined)
  const alike = unclear.filter((model) => named(model.name, sets).includes(set))
  const fresh = alike.filter((model) => !before.has(model.name))
  if (fresh.length === 1) return fresh[0]
  if (alike.length === 1 && alike[0]?.sizeBytes === undefined) return alike[0]
  const nameless = unclear.filter((model) => named(model.name, sets).length === 0 && fits(set, model.sizeBytes))
  return nameless.length === 1 ? nameless[0] : undefined
}

/** LM Studio counts a projector in, or not. */
const fits = ({ bytes, projectorBytes }: StudioFiles, sizeBytes: number | undefined): boolean =>
  sizeBytes === bytes || sizeBytes === bytes + projectorBytes

/** A key is the repository's or the file's name, with its publisher or a variant (`@q4_k_m`) where others are like it. */
function named(key: string, sets: readonly StudioFiles[]): readonly StudioFiles[] {
  return indexOf(sets).get(nameWithoutVariant(key)) ?? []
}

/** Made once for each scan: a folder may hold ten thousand files. */
const indexes = new WeakMap<readonly StudioFiles[], Map<string, StudioFiles[]>>()

function indexOf(sets: readonly StudioFiles[]): Map<string, StudioFiles[]> {
  const known = indexes.get(sets)
  if (known) return known
  const index = new Map<string, StudioFiles[]>()
  for (const set of sets) for (const name of keysOf(set)) add(index, name, set)
  indexes.set(sets, index)
  return index
}

function keysOf({ name, repo }: StudioFiles): Set<string> {
  const [publisher = '', , file = ''] = name.split('/')
  return new Set([repo, `${publisher}/${repo}`, file, name].map(plain))
}

/** How names are compared: without a variant (`@q4_k_m`), `-GGUF`, letters' case, and what it puts before embedding models. */
export const nameWithoutVariant = (key: string): string => plain(key.replace(/@[^@/]*$/, ''))

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^text-embedding-/, '')
    .replace(/\.gguf$/, '')
    .replace(/-gguf$/, '')

async function setsOf(root: string, files: readonly WalkedFile[]): Promise<readonly StudioFiles[]> {
  const pause = inSlices()
  const byRepo = new Map<string, WalkedFile[]>()
  for (const file of files) {
    const [publisher = '', repo = '', name] = file.at.split('/')
    const folder = `${publisher}/${repo}`
    if (name !== undefined) add(byRepo, folder, file)
    await pause()
  }
  const sets: StudioFiles[] = []
  const index = new Map<string, StudioFiles[]>()
  for (const [folder, within] of byRepo) {
    for (const set of setsIn(root, folder, within)) {
      sets.push(set)
      for (const name of keysOf(set)) add(index, name, set)
    }
    await pause()
  }
  indexes.set(sets, index)
  return sets
}

/** Shards are one; projectors go with every set of their folder. */
function setsIn(root: string, folder: string, files: readonly WalkedFile[]): StudioFiles[] {
  /** The very string that is there already, where it says the same: ten thousand of them weigh. */
  const pathOf = ({ at, path }: WalkedFile): string => {
    const spelled = join(root, at)
    return spelled === path ? path : spelled
  }
  const isProjector = ({ at }: WalkedFile): boolean => /mmproj/i.test(at.slice(folder.length))
  const projectors = files.filter(isProjector)
  const byStem = new Map<string, WalkedFile[]>()
  for (const file of files.filter((one) => !isProjector(one))) {
    const stem = file.at.replace(/\.gguf$/i, '').replace(shard, '')
    add(byStem, stem, file)
  }
  return [...byStem].map(([name, weights]) => ({
    name,
    repo: folder.slice(folder.indexOf('/') + 1),
    weights: weights.map(pathOf),
    bytes: bytesOf(weights),
    projectors: projectors.map(pathOf),
    projectorBytes: bytesOf(projectors),
    held: [...weights.flatMap((one) => heldAs(one, 'weights')), ...projectors.flatMap((one) => heldAs(one, 'projector'))],
  }))
}

function add<T>(all: Map<string, T[]>, key: string, one: T): void {
  const there = all.get(key)
  if (there) there.push(one)
  else all.set(key, [one])
}

const heldAs = ({ path, bytes }: WalkedFile, role: HeldFile['role']): Omit<HeldFile, 'name'>[] =>
  path === undefined ? [] : [{ path, bytes, role }]

const bytesOf = (files: readonly WalkedFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
