import { modelName } from '../../contract/index.ts'

/**
 * Names that may be shown, for ids that may be file paths. A relative id stays as it is; of an absolute path only the
 * last segment is shown, with the folder above it where two would be alike. Ids that cannot be a model's name
 * (control characters, too long) are left out.
 */
export interface NameBook {
  /** Takes the ids an engine lists; answers with the name of each id that has one. */
  publish(ids: readonly string[]): ReadonlyMap<string, string>
  /** The id of a published name; undefined if it was not in the last list. */
  idOf(name: string): string | undefined
  /** The name for an id, listed or not. */
  nameOf(id: string): string | undefined
}

export function createNameBook(): NameBook {
  let names: ReadonlyMap<string, string> = new Map()
  let ids: ReadonlyMap<string, string> = new Map()
  return {
    publish(listed) {
      names = namesFor(listed)
      ids = new Map([...names].map(([id, name]) => [name, id]))
      return names
    },
    idOf: (name) => ids.get(name),
    nameOf: (id) => names.get(id) ?? usable(shortened(id, 1)),
  }
}

function namesFor(ids: readonly string[]): Map<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const id of ids) {
    if (names.has(id)) continue
    const name = [1, 2, 3].map((segments) => shortened(id, segments)).find((one) => !taken.has(one))
    if (name === undefined || usable(name) === undefined) continue
    names.set(id, name)
    taken.add(name)
  }
  return names
}

/** `/opt/models/a.gguf`, `C:\models\a.gguf`, `\\host\share\a.gguf` and `file:///a.gguf` lose their folders. */
const absolute = /^(?:\/|[a-z]:[\\/]|\\\\|file:)/i

function shortened(id: string, segments: number): string {
  if (!absolute.test(id)) return id
  return id
    .split(/[\\/]+/)
    .filter((segment) => segment !== '')
    .slice(-segments)
    .join('/')
}

const usable = (name: string): string | undefined => (name.length <= 512 && modelName.safeParse(name).success ? name : undefined)
