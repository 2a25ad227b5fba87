/**
 * What a router finds below its `--models-dir`: a file is a model, and so is a folder with a file, or with shards, and
 * its projector; each is called by the file or the folder. Deeper folders, and a projector alone, are nothing. Seen on
 * llama.cpp 0c1e570.
 */
import type { Dirent } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { someAtOnce } from '../../util/some-at-once.ts'
import { stemOf } from '../import-names.ts'

export interface RouterFiles {
  readonly name: string
  /** The first shard first. */
  readonly weights: readonly string[]
  readonly projectors: readonly string[]
  /** Its folder holds one model, so that these are its files and no other's. */
  readonly certain: boolean
}

const maxFolders = 10_000
const foldersAtOnce = 16

/** Nothing that is reached through a linked folder. */
export async function scanRouterFolder(modelsDir: string): Promise<{ root: string; sets: RouterFiles[] }> {
  const root = await realpath(modelsDir).catch(() => modelsDir)
  const entries = await entriesOf(root)
  const flat = ggufOf(entries).filter((name) => !isProjector(name))
  const single = flat.map((name) => ({ name: name.slice(0, -'.gguf'.length), weights: [join(root, name)], projectors: [], certain: true }))
  const folders = entries.filter((one) => one.isDirectory() && !one.name.startsWith('.')).slice(0, maxFolders)
  const sets = await someAtOnce(folders, foldersAtOnce, ({ name }) => setIn(root, name))
  return { root, sets: [...single, ...sets.flat()] }
}

async function setIn(root: string, name: string): Promise<RouterFiles[]> {
  const folder = join(root, name)
  const names = ggufOf(await entriesOf(folder)).sort()
  const weights = names.filter((one) => !isProjector(one))
  if (weights.length === 0) return []
  const pathOf = (one: string): string => join(folder, one)
  const certain = new Set(weights.map(stemOf)).size === 1
  return [{ name, weights: weights.map(pathOf), projectors: names.filter(isProjector).map(pathOf), certain }]
}

const isProjector = (name: string): boolean => name.includes('mmproj')
const ggufOf = (entries: readonly Dirent[]): string[] =>
  entries.filter((one) => !one.isDirectory() && one.name.endsWith('.gguf') && !one.name.startsWith('.')).map(({ name }) => name)
const entriesOf = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true }).catch(() => [])
