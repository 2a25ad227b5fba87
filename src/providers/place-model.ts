/**
 * Bringing a model to an engine that reads a folder: each of its files gets a name below that folder, all of them or
 * none. A name that holds the same bytes already is left as it is, one that holds others is a `conflict`.
 */
import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ModelyardError } from '../contract/index.ts'
import { type FileIdentity, sameFile } from '../platform/own-file.ts'
import { type PlaceWay, placeFile, placeWays, wayOf } from '../platform/place-file.ts'
import { sameBytes } from '../platform/same-bytes.ts'
import type { ImportAddition, ImportContext, ImportDecision, ImportFile, LocalFile } from './provider.ts'
import { afterTakingBack, filesOf, ownFile } from './take-back.ts'

/** Where a file is to lie. */
export interface Target<File extends ImportFile = LocalFile> {
  readonly file: File
  /** Absolute, below the root. */
  readonly to: string
}

export interface Placement<File extends ImportFile = LocalFile> {
  /** The engine's folder of models. */
  readonly root: string
  readonly targets: readonly Target<File>[]
}

/** Undefined: that folder cannot be written. `library`: where files lie that are still to come. */
export async function planPlacement(
  { root, targets }: Placement<ImportFile>,
  library: string | undefined,
): Promise<ImportDecision | undefined> {
  const looked = await Promise.all(targets.map(async (target) => ({ ...target, found: await look(target) })))
  for (const { found, to } of looked) if (found === 'other') throw taken(to)
  const missing = looked.filter(({ found }) => found === 'free')
  if (missing.length === 0)
    return { strategy: 'present', reason: presentReason(looked.some(({ found }) => found === 'alike')), extraBytes: 0 }
  const ways = new Map<Target<ImportFile>, PlaceWay>()
  for (const target of missing) {
    const from = target.file.path ?? library
    const way = from === undefined ? 'copy' : await wayOf({ from, folder: dirname(target.to) })
    if (way === undefined) return undefined
    ways.set(target, way)
  }
  const strategy = placeWays.findLast((way) => [...ways.values()].includes(way)) ?? 'copy'
  const extraBytes = missing.reduce((sum, target) => sum + (ways.get(target) === 'copy' ? target.file.bytes : 0), 0)
  return { strategy, reason: reasons[strategy], extraBytes, volume: root }
}

const reasons: Readonly<Record<PlaceWay, string>> = {
  reflink: "The volume clones files: the engine's folder gets a file of its own that shares the same blocks.",
  'hard-link': "Both folders are on one volume: the engine's folder gets a second name of the same file.",
  copy: "The engine's folder is on another volume, or refuses links: the files are copied.",
}

const presentReason = (alike: boolean): string =>
  alike
    ? 'Files of that name and size lie there already; their bytes are compared before they are used.'
    : 'The same files lie there already.'

/** What was added, by an earlier try that was recorded too; nothing of it stays after a failure or an abort. */
export async function performPlacement({ root, targets }: Placement, context: ImportContext): Promise<ImportAddition[]> {
  const { missing, added } = await lookAtAll({ root, targets }, context)
  const bytesTotal = missing.reduce((sum, { file }) => sum + file.bytes, 0)
  let bytesBefore = 0
  try {
    for (const target of missing) {
      const before = bytesBefore
      const onProgress = (done: number): void => context.onProgress?.(before + done, bytesTotal)
      const addition = await place(root, target, { ...context, onProgress, roomBytes: bytesTotal - before })
      if (addition) added.push(addition)
      bytesBefore += target.file.bytes
    }
    return added
  } catch (error) {
    throw await afterTakingBack(error, root, added)
  }
}

/** What is to be placed, and what an earlier try placed and recorded. What lies there besides is another's. */
async function lookAtAll({ root, targets }: Placement, { signal, recorded = [] }: ImportContext) {
  const known = filesOf(root, recorded)
  const [missing, added]: [Target[], ImportAddition[]] = [[], []]
  for (const target of targets) {
    const addition = known.get(target.to)
    if (!(await isThere(target, signal))) missing.push(target)
    else if (addition && (await ownFile(root, target.to, addition))) added.push(addition)
  }
  return { missing, added }
}

/** Announced before, and once more when it is known which file it will be; undefined: another import was quicker. */
async function place(
  root: string,
  target: Target,
  context: ImportContext & { readonly roomBytes: number },
): Promise<ImportAddition | undefined> {
  const { signal, onProgress, onAdding, onNotAdded, roomBytes } = context
  const { file, to } = target
  let addition: ImportAddition = { kind: 'file', what: to }
  await onAdding?.(addition)
  const onReady = async (identity: FileIdentity): Promise<void> => {
    addition = { ...addition, file: identity }
    await onAdding?.(addition)
  }
  const placed = await placeFile({ from: file.path, to, root, signal, roomBytes, onProgress, onReady }).catch(unlessThere(target, signal))
  if (placed) return addition
  await onNotAdded?.(addition)
  return undefined
}

/** Another import of the same model may have been quicker: then it is there, and the other's. */
const unlessThere =
  (target: Target, signal: AbortSignal) =>
  async (error: unknown): Promise<undefined> => {
    if (ModelyardError.from(error).code !== 'conflict' || !(await isThere(target, signal).catch(() => false))) throw error
  }

type Found = 'free' | 'same' | 'alike' | 'other'

/** What lies under the name: nothing, this file, a file of its size, or something else. */
async function look({ file, to }: Target<ImportFile>): Promise<Found> {
  const there = await lstat(to).catch(() => undefined)
  if (!there) return 'free'
  const [found, source] = await Promise.all([stat(to).catch(() => undefined), file.path === undefined ? undefined : sourceOf(file.path)])
  if (found && source && sameFile(found, source)) return 'same'
  return there.isFile() && there.size === file.bytes ? 'alike' : 'other'
}

const sourceOf = async (path: string) => stat(await realpath(path)).catch(() => undefined)

/** Do its bytes lie there? Throws `conflict` where others do. */
export async function isThere(target: Target, signal: AbortSignal): Promise<boolean> {
  const found = await look(target)
  if (found === 'free') return false
  if (found === 'same' || (found === 'alike' && (await sameBytes(target.file.path, target.to, signal)))) return true
  throw taken(target.to)
}

const taken = (to: string): ModelyardError =>
  new ModelyardError('conflict', `Another file lies under the name ${basename(to)} in the folder of the engine.`, {
    retryable: false,
    hint: 'Move or remove it; an existing file is never overwritten.',
  })
