/** What has to be sent before the first screen can be used, and what an app embeds. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Chromium } from '../../test/support/chromium.ts'
import type { Figure } from '../table.ts'
import { marked, type Subject } from './subject.ts'

const kilobytes = 1000
const screenLimit = 130 * kilobytes
const elementsLimit = 60 * kilobytes
const elements = new URL('../../dist/elements.js', import.meta.url).pathname

const zipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length
const told = (bytes: number): string => `${(bytes / kilobytes).toFixed(1)} KB`

export async function screenScripts(chromium: Chromium, subject: Subject): Promise<Figure[]> {
  await using window = await chromium.window()
  const bodies: Promise<Buffer>[] = []
  window.page.on('response', (answer) => {
    if (answer.request().resourceType() === 'script') bodies.push(answer.body())
  })
  await subject.signIn(window.page)
  await marked(window.page)
  const scripts = await Promise.all(bodies)
  const bytes = scripts.map(zipped).reduce((sum, one) => sum + one, 0)
  const plain = scripts.reduce((sum, one) => sum + one.length, 0)
  if (bytes === 0) throw new Error('no script was sent')
  return [
    {
      what: 'script sent for the first screen, gzip',
      measured: told(bytes),
      peer: `${scripts.length} files, ${told(plain)} before`,
      limit: told(screenLimit),
      share: bytes / screenLimit,
    },
  ]
}

/** The entry and all that it imports by itself. */
export function elementsBundle(entry: string = elements): Figure[] {
  const files = [...importedBy(entry)].map((path) => readFileSync(path))
  const bytes = files.map(zipped).reduce((sum, one) => sum + one, 0)
  return [
    {
      what: 'elements bundle, gzip',
      measured: told(bytes),
      peer: `${files.length} files`,
      limit: told(elementsLimit),
      share: bytes / elementsLimit,
    },
  ]
}

function importedBy(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen
  if (!existsSync(path)) throw new Error(`${path} is not there`)
  seen.add(path)
  const names = readFileSync(path, 'utf8').matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"']+)["']/g)
  for (const [, name = ''] of names) importedBy(resolve(dirname(path), name), seen)
  return seen
}
