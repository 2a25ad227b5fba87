/** A repository of the Hub, or an entry of the catalogue that leads to one. */
import { findEntry, readCatalog } from '../catalog/catalog.ts'
import { type HubFile, type HubRepository, ModelyardError } from '../contract/index.ts'
import { baseOf, chooseQuantization, type Wish } from './choose-quantization.ts'
import type { HubPort } from './ports.ts'
import type { Found, SubjectFile } from './subject.ts'

export interface FromRepo extends Wish {
  readonly repo: string
  readonly revision?: string | undefined
}

export async function fromRepository(hub: HubPort, source: FromRepo, signal: AbortSignal): Promise<Found> {
  const repository = await hub.repository(source.repo, { revision: source.revision, signal })
  return describe(repository, source)
}

/** The first of its repositories that is there. */
export async function fromCatalog(
  hub: HubPort,
  source: { readonly catalog: string; readonly quantization?: string | undefined },
  signal: AbortSignal,
): Promise<Found> {
  const entry = findEntry(source.catalog)
  if (!entry) throw unknownEntry(source.catalog)
  let missing: unknown
  for (const repo of entry.repositories) {
    try {
      const found = await fromRepository(hub, { repo, quantization: source.quantization }, signal)
      return { ...found, told: { ...found.told, choice: `${entry.name} from ${repo}; ${found.told.choice}` } }
    } catch (error) {
      if (!ModelyardError.is(error) || error.code !== 'repo_not_found') throw error
      missing ??= error
    }
  }
  throw missing
}

function unknownEntry(name: string): ModelyardError {
  const start = name.slice(0, 4).toLowerCase()
  const near = readCatalog().entries.flatMap(({ id }) => (id.startsWith(start) ? [id] : []))
  return new ModelyardError(
    'repo_not_found',
    `The catalogue has no "${name}".${near.length > 0 ? ` Near it: ${near.slice(0, 5).join(', ')}.` : ''}`,
    { hint: 'Look with `modelyard search WORDS`, and pull it as PUBLISHER/REPOSITORY.', details: { near } },
  )
}

function describe(repository: HubRepository, wish: Wish): Found {
  const { chosen, projector, why, warnings } = chooseQuantization(repository, wish)
  const files = [...chosen.files.map((one) => fileOf(one, 'weights')), ...(projector ? [fileOf(projector, 'projector')] : [])]
  const { repo, commit, licence, architecture, contextLength, parameters } = repository
  // Then the header says it.
  const quantization = chosen.quantization === 'unknown' ? undefined : chosen.quantization
  return {
    kind: 'ingest',
    subject: { repo, commit, quantization, architecture, parameters, files },
    told: { choice: why, licence, architecture, contextLength, fit: chosen.fit },
    warnings,
  }
}

const fileOf = ({ path, bytes, sha256 }: HubFile, role: SubjectFile['role']): SubjectFile => ({
  path,
  name: baseOf(path),
  bytes,
  ...(sha256 !== undefined && { sha256 }),
  role,
})
