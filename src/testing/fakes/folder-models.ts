/** What a fake engine finds in a folder of GGUF files, as the real ones do. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeModel, FakeShelf } from './fake-models.ts'

interface Found {
  readonly stem: string
  readonly bytes: number
}

const isProjector = (name: string): boolean => /mmproj/i.test(name)

/** Sets of files in one folder: shards as one, with the bytes of a projector beside them. */
function setsIn(folder: string): Found[] {
  const names = filesIn(folder)
  const beside = names.filter(isProjector).reduce((sum, name) => sum + sizeOf(join(folder, name)), 0)
  const sets = new Map<string, number>()
  for (const name of names.filter((one) => !isProjector(one))) {
    const stem = name.replace(/\.gguf$/, '').replace(/-\d{5}-of-\d{5}$/, '')
    sets.set(stem, (sets.get(stem) ?? beside) + sizeOf(join(folder, name)))
  }
  return [...sets].map(([stem, bytes]) => ({ stem, bytes }))
}

/** `publisher/repo/file`: a model is called by its repository, with its quantization where there are several. */
export function studioModels(modelsDir: string): FakeModel[] {
  const repos = foldersIn(modelsDir).flatMap((publisher) => foldersIn(join(modelsDir, publisher)).map((repo) => join(publisher, repo)))
  return repos.flatMap((path) => {
    const sets = setsIn(join(modelsDir, path))
    const repo = (path.split('/')[1] ?? '').toLowerCase().replace(/-gguf$/, '')
    const variant = (stem: string): string => (sets.length > 1 ? `@${(stem.split(/[-.]/).at(-1) ?? stem).toLowerCase()}` : '')
    return sets.map(({ stem, bytes }) => ({ name: `${repo}${variant(stem)}`, sizeBytes: bytes }))
  })
}

/** A file is a model, and so is a folder with files; a projector alone is none. As seen of `--models-dir`. */
export function routerModels(modelsDir: string): FakeModel[] {
  const flat = filesIn(modelsDir).filter((name) => !isProjector(name))
  const folders = foldersIn(modelsDir).flatMap((name) =>
    setsIn(join(modelsDir, name))
      .slice(0, 1)
      .map(({ bytes }) => ({ name, sizeBytes: bytes })),
  )
  return [...flat.map((name) => ({ name: name.replace(/\.gguf$/, ''), sizeBytes: sizeOf(join(modelsDir, name)) })), ...folders]
}

/** The shelf holds what it was given and what the last scan found; of one name, what was given says what the file is. */
export function followFolder(shelf: FakeShelf, scan: () => readonly FakeModel[]): () => void {
  const given = [...shelf.models]
  const known = ({ name, sizeBytes }: FakeModel) => shelf.models.find((one) => one.name === name && one.sizeBytes === sizeBytes)
  return () => {
    const found = scan().map((one) => known(one) ?? { ...given.find(({ name }) => name === one.name), ...one })
    const elsewhere = given.filter(({ name }) => !found.some((one) => one.name === name))
    shelf.models.splice(0, shelf.models.length, ...elsewhere, ...found)
  }
}

const entriesOf = (folder: string) => (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
const foldersIn = (folder: string): string[] =>
  entriesOf(folder)
    .filter((one) => one.isDirectory())
    .map(({ name }) => name)
const filesIn = (folder: string): string[] =>
  entriesOf(folder)
    .filter((one) => !one.isDirectory() && one.name.endsWith('.gguf'))
    .map(({ name }) => name)
const sizeOf = (path: string): number => statSync(path).size
