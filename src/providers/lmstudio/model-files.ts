/**
 * Which files below LM Studio's models folder (`publisher/repo/file.gguf`) are a model that its API lists. The API tells
 * no path, so the folder is read, and only one set of files whose name and size both fit counts: a guess removes nothing.
 */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { someAtOnce } from '../../util/some-at-once.ts'
import type { ListedModel } from '../provider.ts'

export interface StudioFiles {
  /** `publisher/repo/file` without what numbers shards. */
  readonly name: string
  readonly repo: string
  readonly weights: readonly string[]
  readonly bytes: number
  /** All projectors of the folder. */
  readonly projectors: readonly string[]
  readonly projectorBytes: number
}

const shard = /-\d{5}-of-\d{5}$/i
const maxFolders = 10_000
const foldersAtOnce = 16

/** Every set of files below the folder; nothing that is reached through a linked folder. */
export async function scanModels(modelsDir: string): Promise<{ root: string; sets: StudioFiles[] }> {
  const root = await realpath(modelsDir).catch(() => modelsDir)
  const repos: { publisher: string; repo: string }[] = []
  for (const publisher of await foldersIn(root)) {
    for (const repo of await foldersIn(join(root, publisher))) if (repos.length < maxFolders) repos.push({ publisher, repo })
  }
  const sets = await someAtOnce(repos, foldersAtOnce, (one) => setsOf(root, one.publisher, one.repo))
  return { root, sets: sets.flat() }
}

/** The one set that is this model; undefined when none or several could be. */
export function filesOf(model: ListedModel, sets: readonly StudioFiles[]): StudioFiles | undefined {
  const { sizeBytes } = model
  if (sizeBytes === undefined) return undefined
  const found = named(model.name, sets).filter((one) => one.bytes === sizeBytes || one.bytes + one.projectorBytes === sizeBytes)
  return found.length === 1 ? found[0] : undefined
}

/**
 * The listed model that the files of this name are: by name and size, else the one of that name that was not listed
 * before, else the only one of that name where no sizes are told.
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
  const alike = models.filter((model) => named(model.name, sets).includes(set) && filesOf(model, sets) === undefined)
  const fresh = alike.filter((model) => !before.has(model.name))
  if (fresh.length === 1) return fresh[0]
  return alike.length === 1 && alike[0]?.sizeBytes === undefined ? alike[0] : undefined
}

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
  for (const set of sets) {
    for (const name of keysOf(set)) {
      const alike = index.get(name)
      if (alike) alike.push(set)
      else index.set(name, [set])
    }
  }
  indexes.set(sets, index)
  return index
}

function keysOf({ name, repo }: StudioFiles): Set<string> {
  const [publisher = '', , file = ''] = name.split('/')
  return new Set([repo, `${publisher}/${repo}`, file, name].map(plain))
}

/** How names are compared: without a variant (`@q4_k_m`), `-GGUF` and letters' case. */
export const nameWithoutVariant = (key: string): string => plain(key.replace(/@[^@/]*$/, ''))

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/-gguf$/, '')

async function setsOf(root: string, publisher: string, repo: string): Promise<StudioFiles[]> {
  const folder = join(root, publisher, repo)
  const names = (await entriesOf(folder)).filter((one) => !one.isDirectory() && /\.gguf$/i.test(one.name)).map((one) => one.name)
  const projectors = names.filter((name) => /mmproj/i.test(name)).map((name) => join(folder, name))
  const byStem = new Map<string, string[]>()
  for (const name of names.filter((one) => !/mmproj/i.test(one))) {
    const stem = name.replace(/\.gguf$/i, '').replace(shard, '')
    byStem.set(stem, [...(byStem.get(stem) ?? []), join(folder, name)])
  }
  const projectorBytes = await bytesOf(projectors)
  const sets = [...byStem].map(async ([stem, weights]) => ({
    name: `${publisher}/${repo}/${stem}`,
    repo,
    weights,
    bytes: await bytesOf(weights),
    projectors,
    projectorBytes,
  }))
  return Promise.all(sets)
}

const entriesOf = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true }).catch(() => [])

const foldersIn = async (folder: string): Promise<string[]> =>
  (await entriesOf(folder)).filter((one) => one.isDirectory() && !one.name.startsWith('.')).map((one) => one.name)

async function bytesOf(paths: readonly string[]): Promise<number> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return found.reduce((sum, one) => sum + (one?.size ?? 0), 0)
}
