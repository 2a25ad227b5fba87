/** What a cancelled job leaves on disk, taken away: its partials, and the files that it alone put into the library. */
import { plainFile } from '../platform/own-file.ts'
import { removeFiles } from '../platform/remove-files.ts'
import type { Ports } from './ports.ts'
import type { Work } from './work.ts'

/** What another job, or another home, wants or has got stays; an engine has a link of its own, and keeps its bytes. */
export async function removePartials({ ports, record, keep, signal }: Work, wanted: ReadonlySet<string>): Promise<void> {
  const { subject, put } = record()
  const own = (subject?.files ?? []).flatMap(({ sha256 }) => (sha256 === undefined || wanted.has(sha256) ? [] : [sha256]))
  for (const sha256 of own) await ports.wantedBytes.unlessOthers(sha256, () => ports.downloads.forget(sha256), signal)
  for (const path of put) {
    const entry = await ports.library.at(path)
    if (!entry || wanted.has(entry.sha256)) continue
    await ports.wantedBytes.unlessOthers(entry.sha256, () => removeFile(ports, path), signal)
  }
  await keep((one) => ({ ...one, put: [] }))
}

async function removeFile({ library }: Ports, path: string): Promise<void> {
  const file = await plainFile(library.folder, path)
  if ('ino' in file) await removeFiles(library.folder, [file])
  await library.forget(path)
}
