import { realpath, stat } from 'node:fs/promises'
import { someAtOnce } from '../util/some-at-once.ts'
import type { HeldFile } from './provider.ts'

const looksAtOnce = 16

export interface FilesOfModel {
  readonly name: string
  readonly weights: readonly string[]
  readonly projectors: readonly string[]
}

/** What an engine holds for these models: each file by its real path. */
export async function heldFilesOf(models: readonly FilesOfModel[]): Promise<HeldFile[]> {
  const files = models.flatMap(({ name, weights, projectors }) => [
    ...weights.map((at) => ({ name, at, role: 'weights' as const })),
    ...projectors.map((at) => ({ name, at, role: 'projector' as const })),
  ])
  return (await someAtOnce(files, looksAtOnce, heldFile)).flat()
}

/** The file at this path, by its real one; nothing when it is no plain file. */
async function heldFile({ name, at, role }: { name: string; at: string; role: HeldFile['role'] }): Promise<HeldFile[]> {
  const path = await realpath(at).catch(() => undefined)
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined)
  return path !== undefined && found?.isFile() ? [{ name, path, bytes: found.size, role }] : []
}
