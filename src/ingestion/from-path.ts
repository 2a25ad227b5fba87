/** A GGUF file of this machine, or a folder with one model in it: all its shards and its projector with it. */
import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type GroupedFiles, groupFiles } from '../catalog/group-files.ts'
import { type HubFile, type HubQuantization, hubPath, ModelyardError } from '../contract/index.ts'
import { absolutePath } from '../platform/paths.ts'
import { isSegment, segmentFrom } from './repo-name.ts'
import type { Found, SubjectFile } from './subject.ts'

/** Throws `file_not_found`, `not_a_model_file`, `shard_missing`, `model_ambiguous`, `unsafe_name`. Reads names only. */
export async function fromPath({ path }: { readonly path: string }): Promise<Found> {
  const given = absolutePath(path)
  const found = await stat(given).catch(() => undefined)
  if (!found) throw new ModelyardError('file_not_found', `There is no file or folder ${given}, or it cannot be read.`)
  const folder = await realpath(found.isDirectory() ? given : dirname(given))
  const there = groupFiles(await ggufIn(folder))
  const group = found.isDirectory() ? onlyModel(there, given) : modelWith(there, given, found)
  if (!group.complete) throw new ModelyardError('shard_missing', `Of ${group.files[0]?.path} not every file of the set is there.`)
  const [projector] = there.projectors.length === 1 && there.quantizations.length === 1 ? there.projectors : []
  const files = [
    ...group.files.map((one) => fileOf(folder, one, 'weights')),
    ...(projector ? [fileOf(folder, projector, 'projector')] : []),
  ]
  const known = group.quantization === 'unknown' ? {} : { quantization: group.quantization }
  return { kind: 'import', subject: { repo: repoOf(folder, files), ...known, files }, told: {}, warnings: [] }
}

async function ggufIn(folder: string): Promise<HubFile[]> {
  const names = (await readdir(folder)).filter((name) => /\.gguf$/i.test(name))
  const found = await Promise.all(names.map(async (path) => ({ path, found: await stat(join(folder, path)).catch(() => undefined) })))
  return found.flatMap((one) => (one.found?.isFile() ? [{ path: one.path, bytes: one.found.size }] : []))
}

function onlyModel({ quantizations }: GroupedFiles, folder: string): HubQuantization {
  const [only] = quantizations
  if (!only) throw new ModelyardError('not_a_model_file', `There is no GGUF model in ${folder}.`)
  if (quantizations.length === 1) return only
  const candidates = quantizations.flatMap(({ files }) => files[0]?.path ?? [])
  throw new ModelyardError('model_ambiguous', `There are several models in ${folder}: ${candidates.join(', ')}.`, {
    hint: 'Name the file.',
    details: { candidates },
  })
}

function modelWith({ quantizations }: GroupedFiles, path: string, found: Stats): HubQuantization {
  const name = basename(path)
  if (!found.isFile() || !/\.gguf$/i.test(name)) throw new ModelyardError('not_a_model_file', `${path} is no GGUF file.`)
  if (!hubPath.safeParse(name).success)
    throw new ModelyardError('unsafe_name', `${JSON.stringify(name)} cannot be the name of a model's file on every system.`, {
      hint: 'Rename it.',
    })
  const group = quantizations.find(({ files }) => files.some((one) => one.path === name))
  if (group) return group
  throw new ModelyardError('not_a_model_file', `${name} is no model by itself: an empty file, or one that belongs beside a model.`)
}

const fileOf = (folder: string, { path, bytes }: HubFile, role: SubjectFile['role']): SubjectFile => ({
  path,
  name: path,
  bytes,
  role,
  at: join(folder, path),
})

/** Where it lies in folders of publisher and name, as in the library and LM Studio's folder, these are kept. */
function repoOf(folder: string, files: readonly SubjectFile[]): string {
  const [name, publisher] = [basename(folder), basename(dirname(folder))]
  if (/gguf$/i.test(name) && isSegment(name) && isSegment(publisher)) return `${publisher}/${name}`
  const [first] = files
  const stem = first?.name.replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '') ?? ''
  return `local/${segmentFrom(stem)}`
}
