/** The same bytes held twice on one volume, by whatever engines: found by size, by samples, and proven by SHA-256. */
import { createHash } from 'node:crypto'
import { access, constants } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import type { FileHashes, LibraryStore } from '../library/library-store.ts'
import { wayOf } from '../platform/place-file.ts'
import { alike, filesOnDisk, groups, type OnDisk } from './alike-files.ts'
import type { Held } from './holders.ts'

export interface Twice {
  readonly id: string
  readonly keep: OnDisk
  readonly drop: OnDisk
  /** Both hashes are known to be the same. */
  readonly proven: boolean
  /** Bytes that becoming one frees; absent where the volume may share them already. */
  readonly freed?: number | undefined
  /** Why they cannot become one. */
  readonly obstacle?: string | undefined
}

export interface DuplicateSearch {
  readonly held: readonly Held[]
  readonly library: Pick<LibraryStore, 'at' | 'folder'>
  readonly hashes: FileHashes
  readonly signal: AbortSignal
  /** Ends the hashing, not the search. */
  readonly hashing: AbortSignal
  /** Only these are of interest. */
  readonly wanted?: ((id: string) => boolean) | undefined
}

export async function findDuplicates(search: DuplicateSearch): Promise<Twice[]> {
  const found: Twice[] = []
  for (const group of await alike(await filesOnDisk(search.held))) {
    if (!isWanted(group, search.wanted)) continue
    const digests = new Map<OnDisk, string | undefined>()
    for (const one of group) digests.set(one, await digestOf(one, search))
    for (const twins of pairs(sorted(group, search.library.folder), digests)) {
      const twice = await describe(twins.keep, twins.drop, twins.proven)
      if (twice) found.push(twice)
    }
  }
  return found
}

const isWanted = (group: readonly OnDisk[], wanted: DuplicateSearch['wanted']): boolean =>
  !wanted || group.some((one) => group.some((other) => one !== other && wanted(idOf(one, other))))

/** First the one that stays: of the library, else the one with the most names. */
function sorted(group: readonly OnDisk[], library: string): OnDisk[] {
  const inLibrary = (one: OnDisk): number => (one.paths.some((path) => path.startsWith(library + sep)) ? 1 : 0)
  return [...group].sort((a, b) => inLibrary(b) - inLibrary(a) || b.links - a.links || ((a.paths[0] ?? '') < (b.paths[0] ?? '') ? -1 : 1))
}

async function digestOf(one: OnDisk, { library, hashes, signal, hashing }: DuplicateSearch): Promise<string | undefined> {
  const path = one.paths[0] ?? ''
  const known = one.sha256 ?? (await library.at(path))?.sha256 ?? (await hashes.known(path))
  if (known !== undefined || hashing.aborted) return known
  try {
    return await hashes.of(path, { signal: hashing })
  } catch (error) {
    if (signal.aborted) throw error
    return undefined
  }
}

/** Of each hash the first stays. What is not compared may be the same as the first of all. */
function pairs(group: readonly OnDisk[], digests: ReadonlyMap<OnDisk, string | undefined>): Pick<Twice, 'keep' | 'drop' | 'proven'>[] {
  const classes = groups(group, (one) => digests.get(one) ?? `unknown ${one.ino}`)
  const proven = classes.flatMap(([keep, ...same]) => (keep ? same.map((drop) => ({ keep, drop, proven: true })) : []))
  const [keep, ...others] = classes.flatMap(([one]) => one ?? [])
  const open = others.filter((one) => keep && (digests.get(one) === undefined || digests.get(keep) === undefined))
  return [...proven, ...open.flatMap((drop) => (keep ? [{ keep, drop, proven: false }] : []))]
}

const idOf = (a: OnDisk, b: OnDisk): string => {
  const paths = [...a.paths, ...b.paths].sort().join('\0')
  return `duplicate:${createHash('sha256').update(paths).digest('hex').slice(0, 16)}`
}

/** Undefined where one was made of them already, as far as that can be seen: a clone has the same mtime. */
async function describe(keep: OnDisk, drop: OnDisk, proven: boolean): Promise<Twice | undefined> {
  const id = idOf(keep, drop)
  const why = await obstacle(keep, drop)
  if (why !== undefined) return { id, keep, drop, proven, obstacle: why }
  const way = await wayOf({ from: keep.paths[0] ?? '', folder: dirname(drop.paths[0] ?? '') })
  if (way === 'reflink') return keep.mtimeMs === drop.mtimeMs ? undefined : { id, keep, drop, proven }
  if (way !== 'hard-link') return { id, keep, drop, proven, obstacle: 'the volume knows no second name of a file' }
  return { id, keep, drop, proven, freed: drop.blocksBytes }
}

async function obstacle(keep: OnDisk, drop: OnDisk): Promise<string | undefined> {
  const uid = process.getuid?.() ?? 0
  if (keep.owner !== drop.owner) return 'they belong to different users'
  if (uid !== 0 && drop.owner.split(':')[0] !== String(uid)) return 'they belong to another user'
  if ((keep.mode & drop.mode & 0o444) !== (drop.mode & 0o444)) return 'the one that would stay may be read by fewer'
  if (drop.links > drop.paths.length) return 'one of them has yet another name somewhere else'
  for (const path of drop.paths)
    if (
      !(await access(dirname(path), constants.W_OK).then(
        () => true,
        () => false,
      ))
    )
      return `the folder of ${path} cannot be written`
  return undefined
}
