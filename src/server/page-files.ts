/** The files of the built page, as they lie in its folder: read once, kept in memory, found by their whole name. */
import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'

export interface PageFile {
  readonly type: string
  /** Its name changes with its content. */
  readonly hashed: boolean
  readonly bytes: Buffer
}

/** By the path at which each is served. */
export type PageFiles = ReadonlyMap<string, PageFile>

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
}

const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const hashedFolder = 'assets'
const indexName = 'index.html'
const maxFiles = 512
const maxFileBytes = 8 * 2 ** 20

const isServed = (file: string): boolean => name.test(file) && Object.hasOwn(types, extname(file))

/** Could a file of the page be there? Asked of every request, so nothing is looked up for it. */
export function isPagePath(path: string): boolean {
  if (path === '/') return true
  const file = path.slice(path.startsWith(`/${hashedFolder}/`) ? hashedFolder.length + 2 : 1)
  return isServed(file) && file !== indexName
}

/** Those of the folder itself and of its `assets`; links, and what has no type here, are left out. Empty where there is no page. */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>()
  const take = async (place: string, path: string, hashed: boolean): Promise<void> => {
    for (const entry of await readdir(place, { withFileTypes: true })) {
      if (entry.name === hashedFolder && entry.isDirectory() && !hashed) await take(join(place, entry.name), `${path}${entry.name}/`, true)
      if (!entry.isFile() || !isServed(entry.name) || files.size >= maxFiles) continue
      const bytes = await readFileOf(join(place, entry.name))
      const at = !hashed && entry.name === indexName ? path : path + entry.name
      if (bytes) files.set(at, { type: types[extname(entry.name)] ?? '', hashed, bytes })
    }
  }
  try {
    await take(folder, '/', false)
    return files
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    // Not there, or just being built anew: half a page is none.
    return new Map()
  }
}

async function readFileOf(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    const { size } = await file.stat()
    return size <= maxFileBytes ? await file.readFile() : undefined
  } finally {
    await file.close()
  }
}
