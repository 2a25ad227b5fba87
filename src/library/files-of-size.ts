/** GGUF files of the library that have exactly so many bytes, whoever put them there. No links, nothing hidden. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const maxDepth = 4
const maxEntries = 100_000

/** Names as the index has them, with `/`. */
export async function filesOfSize(library: string, bytes: number, signal: AbortSignal): Promise<string[]> {
  const found: string[] = []
  const folders = [{ name: '', depth: 0 }]
  let entries = 0
  for (const { name, depth } of folders) {
    for (const entry of await readdir(join(library, name), { withFileTypes: true }).catch(() => [])) {
      signal.throwIfAborted()
      entries += 1
      if (entries > maxEntries || entry.name.startsWith('.')) continue
      const path = name === '' ? entry.name : `${name}/${entry.name}`
      if (entry.isDirectory() && depth < maxDepth) folders.push({ name: path, depth: depth + 1 })
      else if (entry.isFile() && /\.gguf$/i.test(entry.name) && (await sizeOf(join(library, path))) === bytes) found.push(path)
    }
  }
  return found
}

const sizeOf = (path: string): Promise<number | undefined> =>
  lstat(path).then(
    ({ size }) => size,
    () => undefined,
  )
