/** The Hub as the doors see it: what it has, and whether it fits this machine. */
import { entryOfRepository } from '../catalog/catalog.ts'
import type { Hub } from '../catalog/hub.ts'
import { recommend } from '../catalog/recommend.ts'
import { fitOf } from '../client/fit.ts'
import { abortReason, type Hardware, type HubQuantization, type HubRepository } from '../contract/index.ts'
import { createShapeReader, type KnownShape } from './cache-shapes.ts'
import type { Yard } from './yard.ts'

export interface HubViewOptions {
  readonly hub: Hub
  readonly hardware: () => Promise<Hardware>
  readonly closing: AbortSignal
}

export function createHubView({ hub, hardware, closing }: HubViewOptions): Yard['hub'] {
  const both = (signal: AbortSignal | undefined): AbortSignal => (signal ? AbortSignal.any([signal, closing]) : closing)
  const readShape = createShapeReader(hub)
  return {
    search: ({ words, limit, signal }) => hub.search({ words, limit }, both(signal)),
    async repository(repo, { revision, signal } = {}) {
      const limited = both(signal)
      const [found, machine] = await Promise.all([hub.repository(repo, revision, limited), hardware()])
      const shape = entryOfRepository(found.repo)?.cache ? undefined : await readShape(found, limited)
      if (limited.aborted) throw abortReason(limited)
      return withFit(found, machine, shape)
    },
  }
}

/** A quantization of which a piece is missing fits nowhere, and gets no verdict. A projector is loaded as well. */
function withFit(repository: HubRepository, hardware: Hardware, shape: KnownShape | undefined): HubRepository {
  const { projectors } = repository
  const known = entryOfRepository(repository.repo)?.cache
  const [smallestProjector = 0] = projectors.map(({ bytes }) => bytes).sort((a, b) => a - b)
  const fitFor = ({ files, bytes }: HubQuantization) => {
    const read = shape?.isOf(files[0]?.path ?? '') ? shape.summary : undefined
    return fitOf({
      weightsBytes: bytes + smallestProjector,
      parameters: repository.parameters,
      contextLength: read?.contextLength ?? repository.contextLength,
      cache: known ?? read?.cache,
      hardware,
    })
  }
  const quantizations = repository.quantizations.map((one) => (one.complete ? { ...one, fit: fitFor(one) } : one))
  const { architecture, contextLength } = shape?.summary ?? {}
  return {
    ...(architecture !== undefined && { architecture }),
    ...(contextLength !== undefined && { contextLength }),
    ...repository,
    quantizations,
    ...recommend(quantizations),
  }
}
