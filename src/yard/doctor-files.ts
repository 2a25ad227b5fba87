/** What the doctor says about files, and what it mends when told so. Looking changes nothing. */
import { basename } from 'node:path'
import { type Finding, ModelyardError } from '../contract/index.ts'
import type { FileHashes, LibraryStore } from '../library/library-store.ts'
import { makeOneFile } from '../platform/make-one-file.ts'
import type { Provider } from '../providers/provider.ts'
import { sizeText } from '../util/size-text.ts'
import { findDuplicates, type Twice } from './duplicates.ts'
import { allFiles, type Held } from './holders.ts'
import { findLeftOvers, type LeftOver, type LeftOverSearch } from './left-overs.ts'

export interface FilesContext extends Pick<LeftOverSearch, 'partials' | 'wantedPartials' | 'forgetPartial'> {
  readonly providers: readonly Provider[]
  readonly library: LibraryStore
  readonly hashes: FileHashes
  readonly signal: AbortSignal
  /** For hashing while looking; what takes longer is said to be not compared. */
  readonly compareMs?: number | undefined
}

const usualCompareMs = 10_000

/** Nothing to say where nothing is wrong. */
export async function examineFiles(context: FilesContext): Promise<Finding[]> {
  const held = await everyFile(context)
  const { library, hashes, signal, compareMs = usualCompareMs } = context
  const hashing = AbortSignal.any([signal, AbortSignal.timeout(compareMs)])
  const twice = await findDuplicates({ held, library, hashes, signal, hashing })
  const left = await findLeftOvers({ ...context, paths: held.map(({ path }) => path), library: library.folder })
  return [...twice.map(duplicateFinding), ...left.map(leftOverFinding)]
}

/** Mends what these findings tell of, each looked at anew; what is no longer so is passed over. */
export async function fixFiles(context: FilesContext, ids: readonly string[]): Promise<void> {
  const wanted = new Set(ids)
  const { library, hashes, signal } = context
  const held = await everyFile(context)
  const left = await findLeftOvers({ ...context, paths: held.map(({ path }) => path), library: library.folder })
  for (const one of left) if (wanted.has(one.id)) await one.remove()
  const search = { held, library, hashes, signal, hashing: signal, wanted: (id: string) => wanted.has(id) }
  for (const one of await findDuplicates(search)) if (wanted.has(one.id) && one.proven) await makeOne(one, context)
}

async function everyFile({ providers, library, signal }: FilesContext): Promise<Held[]> {
  const [told, own] = await Promise.all([allFiles(providers, signal), library.list()])
  return [...told, ...own.map(({ name, path, bytes, sha256 }): Held => ({ ref: name, name, path, bytes, sha256, role: 'weights' }))]
}

/** The index of the library goes with its files. */
async function makeOne({ keep, drop, obstacle }: Twice, { library, signal }: FilesContext): Promise<void> {
  const [stays = ''] = keep.paths
  if (obstacle !== undefined) throw new ModelyardError('conflict', `${basename(stays)} stays twice: ${obstacle}.`, { retryable: false })
  for (const path of drop.paths) {
    const entry = await library.at(path)
    await makeOneFile({ keep: stays, drop: path, signal })
    if (entry?.repo !== undefined && entry.file !== undefined)
      await library.put({ ...entry, repo: entry.repo, file: entry.file, from: path }, 'link', { signal })
  }
}

function duplicateFinding({ id, keep, drop, proven, freed, obstacle }: Twice): Finding {
  const [a = '', b = ''] = [keep.paths[0], drop.paths[0]]
  if (!proven)
    return {
      id,
      level: 'info',
      text: `${a} and ${b} have the same size and were not compared (${sizeText(drop.bytes)}).`,
      hint: 'Mending it compares them first, and changes nothing when they differ.',
      fixable: obstacle === undefined,
    }
  const text = `${a} and ${b} hold the same bytes (${sizeText(drop.bytes)})`
  if (obstacle !== undefined) return { id, level: 'info', text: `${text}; they cannot become one: ${obstacle}.`, fixable: false }
  if (freed === undefined)
    return { id, level: 'info', text: `${text}; the volume may share their blocks already, and can be made to.`, fixable: true }
  return { id, level: 'warning', text: `${text} twice.`, hint: 'Mending it makes one file with both names.', bytes: freed, fixable: true }
}

const kinds: Readonly<Record<LeftOver['kind'], string>> = {
  partial: 'is what is left of a download that no job goes on with',
  draft: 'was left by a crash',
  link: 'is a link to a file that is gone',
}

const leftOverFinding = ({ id, kind, path, bytes }: LeftOver): Finding => ({
  id,
  level: kind === 'partial' ? 'warning' : 'info',
  text: `${path} ${kinds[kind]} (${sizeText(bytes)}).`,
  hint: kind === 'partial' ? 'Start the download again to go on with it, or let it be removed.' : 'It can be removed.',
  bytes,
  fixable: true,
})
