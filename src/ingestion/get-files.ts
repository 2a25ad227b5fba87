/** The bytes of a model: fetched, linked or where they are, each with a proven hash. */
import { ModelyardError, type WaitReason } from '../contract/index.ts'
import type { DownloadProgress } from '../downloads/downloads.ts'
import type { LocalFile } from '../providers/provider.ts'
import { patiently, whileFetching, whileImporting } from './patience.ts'
import type { Subject, SubjectFile } from './subject.ts'
import type { Work } from './work.ts'

export interface GotFile extends LocalFile {
  readonly role: SubjectFile['role']
}

/** Files of the Hub into the library, one after the other; those of this machine stay where they are unless it is wanted. */
export async function getFiles(work: Work, wanted: Subject): Promise<void> {
  const subject = wanted.commit === undefined ? wanted : await onlyProven(work, wanted)
  const missing = subject.files.filter(({ at }) => at === undefined)
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0)
  if (missing.length > 0) {
    const leave = await work.queue.enter(work.signal, () => work.waits('turn'))
    work.waits(undefined)
    try {
      let before = 0
      for (const file of missing) {
        await fetchOne(work, subject, file, { before, total })
        before += file.bytes
      }
    } finally {
      leave()
    }
  }
  if (subject.commit !== undefined) for (const file of subject.files) if (file.at !== undefined) await link(work, subject, file)
}

/** The name of a blob and the word of an engine are promises: what lies elsewhere is hashed before it is taken, or fetched. */
async function onlyProven({ ports, signal, progress }: Work, subject: Subject): Promise<Subject> {
  const files: SubjectFile[] = []
  for (const file of subject.files) {
    const { at, inLibrary, sha256, ...rest } = file
    const proven = at === undefined || inLibrary || (await hashOf(at)) === sha256
    files.push(proven ? file : { ...rest, sha256 })
  }
  return { ...subject, files }

  function hashOf(path: string): Promise<string | undefined> {
    const onProgress = (bytesDone: number, bytesTotal: number): void =>
      progress({ bytesDone, bytesTotal, note: 'what lies here already is checked' })
    return ports.hashes.of(path, { signal, onProgress }).catch(() => {
      signal.throwIfAborted()
      return undefined
    })
  }
}

interface Share {
  readonly before: number
  readonly total: number
}

function fetchOne(work: Work, subject: Subject, file: SubjectFile, { before, total }: Share): Promise<void> {
  const { ports, signal } = work
  const { sha256 } = file
  if (sha256 === undefined) throw new TypeError(`${file.name} has no hash`)
  const remote = { repo: subject.repo, commit: subject.commit ?? '', path: file.path }
  let waited: WaitReason | undefined
  const onProgress = (one: DownloadProgress): void => {
    if (one.waitingFor !== waited) {
      waited = one.waitingFor
      work.waits(waited, one.note)
    }
    work.progress({ bytesDone: before + one.bytesDone, bytesTotal: total, bytesPerSecond: one.bytesPerSecond, note: one.note })
  }
  return patiently({ ...work, reasons: whileFetching, onWait: waitsIn(work) }, async () => {
    const { path } = await ports.downloads.fetch(
      {
        sha256,
        bytes: file.bytes,
        gguf: true,
        resolve: (aborted) => ports.hub.resolve(remote, aborted),
        elsewhere: async () => (await ports.library.find(sha256))?.path,
      },
      { signal, onProgress, bytesPerSecond: work.record().request.bytesPerSecond },
    )
    await publish(work, subject, file, path)
  })
}

/** Of several jobs that share a download the first moves it; then nobody waits for its partial any more. */
const publish = (work: Work, subject: Subject, file: SubjectFile, partial: string): Promise<void> =>
  work.publishing(file.sha256 ?? '', async () => {
    const { downloads, library } = work.ports
    const { sha256 = '' } = file
    if (await library.find(sha256)) await link(work, subject, file)
    else await put(work, subject, file, partial, 'move')
    await downloads.forget(sha256)
  })

/** Into the library, under the name of this source; nothing to do when another job has put it there. */
async function link(work: Work, subject: Subject, file: SubjectFile): Promise<void> {
  const { ports, signal } = work
  if (file.sha256 === undefined) return
  const kept = await ports.library.find(file.sha256)
  if (kept?.name === `${subject.repo}/${file.path}`) return
  const from = kept?.path ?? file.at
  if (from === undefined) throw new ModelyardError('internal', `${file.name} was fetched and is not in the library.`)
  await patiently({ ...work, signal, reasons: whileImporting, onWait: waitsIn(work) }, () => put(work, subject, file, from, 'link'))
}

async function put(work: Work, { repo, commit }: Subject, file: SubjectFile, from: string, way: 'move' | 'link'): Promise<void> {
  const { sha256 = '', bytes, path } = file
  const entry = await work.ports.library.put({ from, repo, file: path, sha256, bytes, commit }, way, { signal: work.signal })
  await work.keep((record) => ({ ...record, put: [...record.put.filter((one) => one !== entry.path), entry.path] }))
}

export const waitsIn =
  (work: Work) =>
  (reason: WaitReason | undefined, error?: ModelyardError): void =>
    work.waits(reason, error?.message)

/** Each file where it lies now, looked at once more: its size, and the hash where only a file of this machine could tell it. */
export async function checkFiles(work: Work, subject: Subject): Promise<GotFile[]> {
  const files: GotFile[] = []
  for (const file of subject.files) files.push(await checked(work, file))
  const [first] = files
  if (first && (await work.ports.readHeader(first.path)) === undefined)
    throw new ModelyardError('not_a_model_file', `${first.name} is no GGUF file, or its header is damaged.`)
  return files
}

async function checked({ ports, signal, progress }: Work, file: SubjectFile): Promise<GotFile> {
  const { name, bytes, role } = file
  const kept = file.sha256 === undefined ? undefined : await ports.library.find(file.sha256)
  if (kept) return { name, bytes, role, sha256: kept.sha256, path: kept.path }
  const path = file.at
  if (path === undefined) throw new ModelyardError('file_not_found', `${name} is not in the library any more.`)
  const sha256 =
    file.sha256 ?? (await ports.hashes.of(path, { signal, onProgress: (bytesDone, bytesTotal) => progress({ bytesDone, bytesTotal }) }))
  return { name, bytes, role, sha256, path }
}
