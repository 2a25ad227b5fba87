/** Which files of a repository belong together: by their names, GGUF only. */
import { type HubFile, type HubQuantization, hubPath } from '../contract/index.ts'
import { quantizationInName } from '../util/gguf/quantization-name.ts'

export interface GroupedFiles {
  readonly quantizations: HubQuantization[]
  readonly projectors: HubFile[]
  readonly drafts: HubFile[]
}

const shardName = /^(.+)-(\d{5})-of-(\d{5})$/
const draftPrefix = /^(?:mtp|eagle3|dflash|dspark)-/i

interface Parts {
  readonly stem: string
  readonly quantization: string
  readonly shard: number
  readonly shards: number
}

/** Names outside the grammar are left out, as is what is no model: importance matrices, pieces cut without a header. */
export function groupFiles(files: readonly HubFile[]): GroupedFiles {
  const usable = files.filter(({ path, bytes }) => /\.gguf$/i.test(path) && bytes > 0 && hubPath.safeParse(path).success)
  const is = (shape: RegExp) => (file: HubFile) => shape.test(baseOf(file.path))
  const projectors = usable.filter(is(/mmproj/i))
  const drafts = usable.filter((file) => !projectors.includes(file) && is(draftPrefix)(file))
  const models = usable.filter((file) => !projectors.includes(file) && !drafts.includes(file) && !is(/imatrix/i)(file))
  return { quantizations: grouped(models), projectors: byPath(projectors), drafts: byPath(drafts) }
}

function grouped(files: readonly HubFile[]): HubQuantization[] {
  const groups = new Map<string, { parts: Parts; file: HubFile }[]>()
  for (const file of files) {
    const parts = partsOf(file.path)
    const key = `${parts.stem}\0${parts.shards}`
    const group = groups.get(key)
    if (group) group.push({ parts, file })
    else groups.set(key, [{ parts, file }])
  }
  return [...groups.values()]
    .flatMap((group) => quantizationOf(group) ?? [])
    .sort((a, b) => a.bytes - b.bytes || order(a.quantization, b.quantization))
}

function quantizationOf(group: readonly { parts: Parts; file: HubFile }[]): HubQuantization | undefined {
  const [first] = group
  if (!first) return undefined
  const ordered = [...group].sort((a, b) => a.parts.shard - b.parts.shard)
  const { shards, quantization } = first.parts
  const complete = ordered.length === shards && ordered.every(({ parts }, index) => parts.shard === index + 1)
  return {
    quantization,
    files: ordered.map(({ file }) => file),
    bytes: ordered.reduce((sum, { file }) => sum + file.bytes, 0),
    complete,
  }
}

function partsOf(path: string): Parts {
  const whole = path.replace(/\.gguf$/i, '')
  const [, stem = whole, shard = '1', shards = '1'] = shardName.exec(whole) ?? []
  return { stem, quantization: quantizationInName(stem) ?? 'unknown', shard: Number(shard), shards: Number(shards) }
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byPath = (files: readonly HubFile[]): HubFile[] => [...files].sort((a, b) => order(a.path, b.path))
