/** Files on the disk with all of their names that are known, and which of them look the same. */
import { lstat } from 'node:fs/promises'
import { sampleOf } from '../platform/same-bytes.ts'
import { someAtOnce } from '../util/some-at-once.ts'
import type { Held } from './holders.ts'

/** One file on the disk with all of its names that are known. */
export interface OnDisk {
  readonly paths: readonly string[]
  readonly refs: readonly string[]
  readonly bytes: number
  readonly blocksBytes: number
  readonly dev: number
  readonly ino: number
  readonly links: number
  readonly mode: number
  readonly owner: string
  readonly mtimeMs: number
  /** Where its engine keeps it. */
  readonly sha256?: string | undefined
}

const looksAtOnce = 16
/** Smaller ones are not worth a sentence. */
const leastBytes = 2 ** 20

export async function filesOnDisk(held: readonly Held[]): Promise<OnDisk[]> {
  const byInode = new Map<string, OnDisk>()
  const looked = await someAtOnce(held, looksAtOnce, ({ path }) => lstat(path).catch(() => undefined))
  for (const [index, { path, ref, sha256 }] of held.entries()) {
    const found = looked[index]
    if (!found?.isFile() || found.size < leastBytes) continue
    const key = `${found.dev}-${found.ino}`
    const before = byInode.get(key)
    byInode.set(key, {
      paths: [...new Set([...(before?.paths ?? []), path])],
      refs: [...new Set([...(before?.refs ?? []), ref])],
      bytes: found.size,
      blocksBytes: found.blocks * 512,
      dev: found.dev,
      ino: found.ino,
      links: found.nlink,
      mode: found.mode & 0o777,
      owner: `${found.uid}:${found.gid}`,
      mtimeMs: found.mtimeMs,
      sha256: before?.sha256 ?? sha256,
    })
  }
  return [...byInode.values()]
}

/** Groups of files of one volume that have one size and the same samples, small ones first. */
export async function alike(files: readonly OnDisk[]): Promise<OnDisk[][]> {
  const bySize = groups(files, ({ dev, bytes }) => `${dev}-${bytes}`)
  const candidates = bySize.filter((one) => one.length > 1).sort((a, b) => (a[0]?.bytes ?? 0) - (b[0]?.bytes ?? 0))
  const all: OnDisk[][] = []
  for (const group of candidates) {
    const samples = new Map<OnDisk, string>()
    for (const one of group) samples.set(one, await sampleOf(one.paths[0] ?? '', one.bytes).catch(() => `unread ${one.ino}`))
    all.push(...groups(group, (one) => samples.get(one) ?? '').filter((each) => each.length > 1))
  }
  return all
}

export function groups<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const byKey = new Map<string, T[]>()
  for (const one of all) byKey.set(keyOf(one), [...(byKey.get(keyOf(one)) ?? []), one])
  return [...byKey.values()]
}
