/** What a cancelled job leaves on disk, taken away: its partials, and the files that it alone put into the library. */
import { plainFile } from '../platform/own-file.ts'
import { removeFiles } from '../platform/remove-files.ts'
import type { Work } from './work.ts'

/** What another job wants, or has got, stays; an engine has a link of its own, and keeps its bytes. */
export async function removePartials({ ports, record, keep }: Work, wanted: ReadonlySet<string>): Promise<void> {
  const { subject, put } = record()
  const own = (subject?.files ?? []).flatMap(({ sha256 }) => (sha256 === undefined || wanted.has(sha256) ? [] : [sha256]))
  for (const sha256 of own) await ports.downloads.forget(sha256)
  for (const path of put) {
    const entry = await ports.library.at(path)
    if (!entry || wanted.has(entry.sha256)) continue
    const file = await plainFile(ports.library.folder, path)
    if ('ino' in file) await removeFiles(ports.library.folder, [file])
    await ports.library.forget(path)
  }
  await keep((one) => ({ ...one, put: [] }))
}
