/** What removing the files of one model takes away: all of its weights or nothing, and what stays says why. */
import { dirname } from 'node:path'
import { type PlainFile, plainFile, sameFile } from '../platform/own-file.ts'
import type { RemovalPlan } from './provider.ts'

export interface ModelFiles {
  /** The folder that nothing may be removed outside of. */
  readonly root: string
  readonly weights: readonly string[]
  /** Projectors beside the weights: they go with them unless another model is there. */
  readonly projectors: readonly string[]
  /** Weights of the other models below the root, and what these are called. */
  readonly others: readonly { readonly name: string; readonly path: string }[]
}

export interface FilesPlan extends Omit<RemovalPlan, 'foreign'> {
  readonly files: readonly PlainFile[]
}

type Kept = RemovalPlan['kept'][number]

export async function planFiles(model: ModelFiles): Promise<FilesPlan> {
  const looked = await Promise.all(model.weights.map((path) => look(model, path)))
  const whole = looked.every(isPlain)
  const refused = looked.map((one, index) => (isPlain(one) ? { path: model.weights[index] ?? '', why: together } : one))
  if (!whole || looked.length === 0) return { files: [], removed: [], kept: refused, freedBytes: 0 }
  const beside = await Promise.all(model.projectors.map((path) => lookBeside(model, path)))
  const files = [...looked, ...beside].filter(isPlain)
  return {
    files,
    removed: files.map(({ path, bytes }) => ({ path, bytes })),
    kept: [...beside.filter((one) => !isPlain(one)), ...files.filter((one) => !isFreed(one, files)).map(otherName)] as Kept[],
    freedBytes: freed(files),
  }
}

const together = 'it belongs to a file that cannot go'
const isPlain = (one: PlainFile | Kept): one is PlainFile => 'ino' in one
const otherName = ({ path }: PlainFile): Kept => ({ path, why: 'the name goes, its bytes stay: another hard link holds them' })

async function look({ root, others }: ModelFiles, path: string): Promise<PlainFile | Kept> {
  const sharing = others.find((one) => one.path === path)
  return sharing ? { path, why: `${sharing.name} uses it too` } : await plainFile(root, path)
}

async function lookBeside(model: ModelFiles, path: string): Promise<PlainFile | Kept> {
  const other = model.others.find((one) => dirname(one.path) === dirname(path))
  return other ? { path, why: `${other.name} may use it too` } : await plainFile(model.root, path)
}

const isFreed = (file: PlainFile, files: readonly PlainFile[]): boolean => file.links <= files.filter((one) => sameFile(one, file)).length

/** Names of one file free its bytes once, and only when no other name is left. */
function freed(files: readonly PlainFile[]): number {
  const distinct = files.filter((file, index) => files.findIndex((one) => sameFile(one, file)) === index)
  return distinct.filter((file) => isFreed(file, files)).reduce((sum, { bytes }) => sum + bytes, 0)
}
