/** The bytes of a model: fetched, linked or where they are, each with a hash that was computed here. */
import { join } from 'node:path'
import type { ResolvedFile } from '../catalog/remote-file.ts'
import { ModelyardError, type WaitReason } from '../contract/index.ts'
import type { DownloadProgress } from '../downloads/downloads.ts'
import { wayOf } from '../platform/place-file.ts'
import type { LocalFile } from '../providers/provider.ts'
import { patiently, whileFetching, whileImporting } from './patience.ts'
import type { Subject, SubjectFile } from './subject.ts'
import { share, type Work } from './work.ts'

export interface GotFile extends LocalFile {
  readonly role: SubjectFile['role']
}

/** Files of the Hub that are not here come into the library, one after the other; what is here is linked into it where that costs nothing. */
export async function getFiles(work: Work, wanted: Subject): Promise<void> {
  if (wanted.commit === undefined) return
  const subject = await onlyProven(work, wanted)
  const missing = subject.files.filter(({ at }) => at === undefined)
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0)
  let before = 0
  for (const file of missing) {
    await fetchOne(work, subject, file, { before, total })
    before += file.bytes
  }
  for (const file of subject.files)
    if (file.at !== undefined && !file.inLibrary && (await isFree(work, file.at))) await link(work, subject, file)
}

const isFree = async ({ ports }: Work, path: string): Promise<boolean> => {
  const way = await wayOf({ from: path, folder: ports.library.folder })
  return way === 'reflink' || way === 'hard-link'
}

/**
 * The name of a blob and the word of an engine are promises: what lies elsewhere is hashed before it is taken, or
 * fetched. What lay in the library at the preflight is looked at again.
 */
async function onlyProven(work: Work, subject: Subject): Promise<Subject> {
  const files: SubjectFile[] = []
  for (const file of subject.files) {
    const { at, inLibrary: _, ...rest } = file
    const kept = file.sha256 === undefined ? undefined : await work.ports.library.find(file.sha256)
    // A kill may have come between its publishing and the end of its journal.
    if (kept) await work.ports.downloads.forget(kept.sha256).catch(unlessInUse)
    if (kept) files.push({ ...rest, at: kept.path, inLibrary: true })
    else files.push(at !== undefined && (await hashOf(work, at).catch(unlessAborted(work))) === file.sha256 ? { ...rest, at } : rest)
  }
  return { ...subject, files }
}

const unlessAborted =
  ({ signal }: Work) =>
  (): undefined => {
    signal.throwIfAborted()
  }

const hashOf = (work: Work, path: string): Promise<string> =>
  work.ports.hashes.of(path, { signal: work.signal, onProgress: share(work, 'hashing what lies here') })

interface Share {
  readonly before: number
  readonly total: number
}

function fetchOne(work: Work, subject: Subject, file: SubjectFile, part: Share): Promise<void> {
  const { ports, signal } = work
  const { sha256 } = file
  if (sha256 === undefined) throw new TypeError(`${file.name} has no hash`)
  const remote = { repo: subject.repo, commit: subject.commit ?? '', path: file.path }
  const here = async (): Promise<string | undefined> => (await ports.library.find(sha256))?.path
  const fetched = async (): Promise<string> => {
    const leave = await work.queue.enter(signal, () => work.waits('turn'))
    work.waits(undefined)
    try {
      const context = { signal, onProgress: follow(work, part, leave), bytesPerSecond: work.record().request.bytesPerSecond }
      const resolve = (aborted: AbortSignal): Promise<ResolvedFile> => ports.hub.resolve(remote, aborted)
      return (await ports.downloads.fetch({ sha256, bytes: file.bytes, gguf: true, resolve, elsewhere: here }, context)).path
    } finally {
      leave()
    }
  }
  // One job at a time for these bytes: whoever comes second finds them published.
  return work.publishing(sha256, () =>
    patiently({ ...work, reasons: whileFetching }, async () => {
      if ((await here()) === undefined) {
        const path = await fetched()
        if ((await here()) === undefined) await put(work, subject, file, path, 'move')
        await ports.downloads.forget(sha256).catch(unlessInUse)
      }
      await link(work, subject, file)
      work.progress({ bytesDone: part.before + file.bytes, bytesTotal: part.total })
    }),
  )
}

/** Another home has begun with what we have just published: it will find it. */
function unlessInUse(error: unknown): void {
  if (!ModelyardError.is(error) || error.code !== 'conflict') throw error
}

/** Whoever waits for a person or for room lets others download meanwhile. */
function follow(work: Work, { before, total }: Share, leave: () => void): (progress: DownloadProgress) => void {
  let waited: WaitReason | undefined
  return ({ bytesDone, bytesPerSecond, waitingFor, note }) => {
    if (waitingFor !== waited) {
      waited = waitingFor
      work.waits(waited, note)
      if (waited !== undefined) leave()
    }
    work.progress({ bytesDone: before + bytesDone, bytesTotal: total, bytesPerSecond, note })
  }
}

/** Into the library, under the name of this source; nothing to do when another job has put it there. */
async function link(work: Work, subject: Subject, file: SubjectFile): Promise<void> {
  const kept = file.sha256 === undefined ? undefined : await work.ports.library.find(file.sha256)
  if (kept?.name === `${subject.repo}/${file.path}`) return
  const from = kept?.path ?? file.at
  if (from === undefined) throw new ModelyardError('internal', `${file.name} was fetched and is not in the library.`)
  await put(work, subject, file, from, 'link')
}

/** What was newly made is kept with the job, so that a cancel can take it away. */
export async function put(
  work: Work,
  { repo, commit }: Pick<Subject, 'repo' | 'commit'>,
  file: Pick<SubjectFile, 'path' | 'bytes' | 'sha256'>,
  from: string,
  way: 'move' | 'link',
): Promise<string> {
  const { library } = work.ports
  const { sha256 = '', bytes, path } = file
  const before = await library.at(join(library.folder, repo, path))
  const onProgress = share(work, 'copying into the library')
  const entry = await patiently({ ...work, reasons: whileImporting }, () =>
    library.put({ from, repo, file: path, sha256, bytes, commit }, way, { signal: work.signal, onProgress }),
  )
  if (before?.path !== entry.path)
    await work.keep((record) => ({ ...record, put: [...record.put.filter((one) => one !== entry.path), entry.path] }))
  return entry.path
}

/** Each file where it lies now, with a hash that is known to be right, and a header that can be read. */
export async function checkFiles(work: Work, subject: Subject): Promise<GotFile[]> {
  const files: GotFile[] = []
  for (const file of subject.files) files.push(await checked(work, file))
  const [first] = files
  if (first && (await work.ports.readHeader(first.path)) === undefined)
    throw new ModelyardError('not_a_model_file', `${first.name} is no GGUF file, or its header is damaged.`)
  return files
}

async function checked(work: Work, { name, bytes, role, sha256: told, at }: SubjectFile): Promise<GotFile> {
  const kept = told === undefined ? undefined : await work.ports.library.find(told)
  if (kept) return { name, bytes, role, sha256: kept.sha256, path: kept.path }
  if (at === undefined)
    throw new ModelyardError('file_not_found', `${name} is not in the library any more.`, { hint: 'Begin again: it is fetched then.' })
  const sha256 = await hashOf(work, at)
  if (told !== undefined && told !== sha256)
    throw new ModelyardError('hash_mismatch', `${name} is damaged: it hashes to ${sha256}, and ${told} was told.`, {
      hint: 'Get it again from where it came.',
      details: { expected: told, actual: sha256 },
    })
  return { name, bytes, role, sha256, path: at }
}
