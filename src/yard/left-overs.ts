/** What crashes and abandoned downloads left among the models: partials, drafts, links that lead nowhere. */
import { createHash } from 'node:crypto'
import { lstat, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { leftTwins } from '../platform/make-one-file.ts'
import { leftDrafts } from '../platform/place-file.ts'

/** As `Downloads.partials` tells it. */
export interface LeftPartial {
  readonly sha256: string
  readonly path: string
  readonly bytes: number
  readonly modifiedAt: number
}

export interface LeftOver {
  readonly id: string
  readonly kind: 'partial' | 'draft' | 'link'
  readonly path: string
  /** What it costs. */
  readonly bytes: number
  remove(): Promise<void>
}

export interface LeftOverSearch {
  readonly partials: readonly LeftPartial[]
  /** Hashes that a job still wants. */
  readonly wantedPartials: ReadonlySet<string>
  readonly forgetPartial: (sha256: string) => Promise<void>
  /** Every file an engine tells of: their folders are looked into. */
  readonly paths: readonly string[]
  readonly library: string
}

const maxDepth = 4
const maxFolders = 20_000

export async function findLeftOvers({ partials, wantedPartials, forgetPartial, paths, library }: LeftOverSearch): Promise<LeftOver[]> {
  const abandoned = partials.filter(({ sha256 }) => !wantedPartials.has(sha256))
  const below = await foldersBelow(library)
  const folders = new Set([...below, ...paths.map((path) => dirname(path))])
  const found: LeftOver[] = abandoned.map(({ sha256, path, bytes }) => ({
    id: `partial:${sha256.slice(0, 16)}`,
    kind: 'partial',
    path,
    bytes,
    remove: () => forgetPartial(sha256),
  }))
  for (const folder of folders) {
    for (const { path, remove } of await leftDrafts(folder)) found.push(await draft(path, remove))
    for (const path of await leftTwins(folder)) found.push(await draft(path, () => rm(path, { force: true })))
  }
  for (const folder of below) for (const path of await deadLinks(folder)) found.push(deadLink(path))
  return found
}

const idOf = (kind: string, path: string): string => `${kind}:${createHash('sha256').update(path).digest('hex').slice(0, 16)}`

/** Another name of a file that has its own costs nothing. */
async function draft(path: string, remove: () => Promise<void>): Promise<LeftOver> {
  const found = await lstat(path).catch(() => undefined)
  const bytes = found && found.nlink === 1 ? found.blocks * 512 : 0
  return { id: idOf('draft', path), kind: 'draft', path, bytes, remove }
}

const deadLink = (path: string): LeftOver => ({
  id: idOf('link', path),
  kind: 'link',
  path,
  bytes: 0,
  remove: async () => {
    if (await isDead(path)) await rm(path, { force: true })
  },
})

async function deadLinks(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const links = entries.filter((one) => one.isSymbolicLink() && /\.gguf$/i.test(one.name)).map((one) => join(folder, one.name))
  const dead = await Promise.all(links.map(isDead))
  return links.filter((_, index) => dead[index])
}

/** A link whose file is not there; one that may not be followed is none. */
async function isDead(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  if (!found?.isSymbolicLink()) return false
  return stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ELOOP',
  )
}

async function foldersBelow(root: string): Promise<string[]> {
  const folders = [{ path: root, depth: 0 }]
  for (const { path, depth } of folders) {
    if (depth === maxDepth || folders.length > maxFolders) continue
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory() && !entry.name.startsWith('.')) folders.push({ path: join(path, entry.name), depth: depth + 1 })
  }
  return folders.map(({ path }) => path)
}
