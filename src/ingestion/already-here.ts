/** Are these bytes on this machine already? By their hash, in the library, the Hub's cache, and what engines hold. Reads only. */
import type { HeldFile } from '../providers/provider.ts'
import { once } from '../util/once.ts'
import type { Ports } from './ports.ts'
import type { Subject, SubjectFile } from './subject.ts'

/** Each file with where it lies, where it does. */
export async function withPlaces(ports: Ports, subject: Subject, signal: AbortSignal): Promise<Subject> {
  const held = once(() => heldByEngines(ports, signal))
  const files: SubjectFile[] = []
  for (const file of subject.files) files.push(await withPlace(ports, file, held, signal))
  return { ...subject, files }
}

async function withPlace(
  ports: Ports,
  file: SubjectFile,
  held: () => Promise<readonly HeldFile[]>,
  signal: AbortSignal,
): Promise<SubjectFile> {
  const { sha256 } = file
  if (sha256 === undefined) return file
  const kept = await ports.library.find(sha256, { bytes: file.bytes, signal })
  if (kept) return { ...file, at: kept.path, inLibrary: true }
  if (file.at !== undefined) return file
  const cached = await ports.findInHubCache(sha256, signal)
  if (cached !== undefined) return { ...file, at: cached }
  const at = await among(ports, { ...file, sha256 }, await held(), signal)
  return at === undefined ? file : { ...file, at }
}

async function heldByEngines({ directory }: Ports, signal: AbortSignal): Promise<readonly HeldFile[]> {
  const all = await Promise.all(directory.providers().map(async (one) => (await one.files?.(signal)) ?? []))
  return all.flat()
}

/** An engine that keeps no hash is believed by name and size, and then its file is hashed. */
async function among(
  ports: Ports,
  file: SubjectFile & { readonly sha256: string },
  held: readonly HeldFile[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const same = held.filter(({ bytes }) => bytes === file.bytes)
  const sure = same.find(({ sha256 }) => sha256 === file.sha256)
  if (sure) return sure.path
  for (const one of same) {
    if (one.sha256 !== undefined || !one.path.toLowerCase().endsWith(file.name.toLowerCase())) continue
    const hash = await ports.hashes.of(one.path, { signal }).catch(() => undefined)
    signal.throwIfAborted()
    if (hash === file.sha256) return one.path
  }
  return undefined
}
