/** The Hub as the doors see it: what it has, and whether it fits this machine. */
import { entryOfRepository } from '../catalog/catalog.ts'
import { fitOf } from '../catalog/fit.ts'
import type { Hub } from '../catalog/hub.ts'
import { recommend } from '../catalog/recommend.ts'
import type { Hardware, HubRepository } from '../contract/index.ts'
import type { Yard } from './yard.ts'

export interface HubViewOptions {
  readonly hub: Hub
  readonly hardware: () => Promise<Hardware>
  readonly closing: AbortSignal
}

export function createHubView({ hub, hardware, closing }: HubViewOptions): Yard['hub'] {
  const both = (signal: AbortSignal | undefined): AbortSignal => (signal ? AbortSignal.any([signal, closing]) : closing)
  return {
    search: ({ words, limit, signal }) => hub.search({ words, limit }, both(signal)),
    async repository(repo, { revision, signal } = {}) {
      const [found, machine] = await Promise.all([hub.repository(repo, revision, both(signal)), hardware()])
      return withFit(found, machine)
    },
  }
}

/** A quantization of which a piece is missing fits nowhere, and gets no verdict. A projector is loaded as well. */
function withFit(repository: HubRepository, hardware: Hardware): HubRepository {
  const { parameters, contextLength, projectors } = repository
  const cache = entryOfRepository(repository.repo)?.cache
  const [smallestProjector = 0] = projectors.map(({ bytes }) => bytes).sort((a, b) => a - b)
  const quantizations = repository.quantizations.map((one) => {
    if (!one.complete) return one
    return { ...one, fit: fitOf({ weightsBytes: one.bytes + smallestProjector, parameters, contextLength, cache, hardware }) }
  })
  return { ...repository, quantizations, ...recommend(quantizations) }
}
