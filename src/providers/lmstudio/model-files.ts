/**
 * Which files below LM Studio's models folder (`publisher/repo/file.gguf`) are a model that its API lists. The API tells
 * no path, so the folder is read, and only one set of files whose name and size both fit counts: a guess removes nothing.
 */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
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

/** Every set of files below the folder; nothing that is reached through a linked folder. */
export async function scanModels(modelsDir: string): Promise<{ root: string; sets: StudioFiles[] }> {
  const root = await realpath(modelsDir).catch(() => modelsDir)
  const repos: { publisher: string; repo: string }[] = []
  for (const publisher of await foldersIn(root)) {
    for (const repo of await foldersIn(join(root, publisher))) if (repos.length < maxFolders) repos.push({ publisher, repo })
  }
  const sets = await Promise.all(repos.map((one) => setsOf(root, one.publisher, one.repo)))
  return { root, sets: sets.flat() }
}

/** The one set that is this model; undefined when none or several could be. */
export function filesOf(model: ListedModel, sets: readonly StudioFiles[]): StudioFiles | undefined {
  const { sizeBytes } = model
  if (sizeBytes === undefined) return undefined
  const found = sets.filter((one) => named(model.name, one) && (one.bytes === sizeBytes || one.bytes + one.projectorBytes === sizeBytes))
  return found.length === 1 ? found[0] : undefined
}

/** A key is the repository's or the file's name, with its publisher or a variant (`@q4_k_m`) where others are like it. */
function named(key: string, { name, repo }: StudioFiles): boolean {
  const [publisher = '', , file = ''] = name.split('/')
  const wanted = plain(key.replace(/@[^@/]*$/, ''))
  return [repo, `${publisher}/${repo}`, file, name].map(plain).includes(wanted)
}

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
