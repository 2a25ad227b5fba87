/** What of a tier is really there to get: asked of the Hub, or estimated and said so where the Hub does not answer. */
import { type CatalogEntry, type HubQuantization, type HubRepository, ModelyardError } from '../../sdk.ts'
import { type Candidate, usual } from './choose.ts'

export interface Offer {
  readonly entry: CatalogEntry
  readonly repo: string
  readonly bytes: number
  /** Undefined: the Hub could not be asked, and `bytes` is an estimate. */
  readonly quantization?: string
  readonly gated: boolean
  /** Whether it fits cannot be reckoned. */
  readonly unsure: boolean
  readonly error?: unknown
}

export type AskRepository = (repo: string) => Promise<HubRepository>

const sure: readonly (string | undefined)[] = ['gpu', 'partly', 'memory']
/** As many are asked about before it is given up. */
const mostAsked = 3

/** The first of these that fits as the Hub has it. Undefined: none does. */
export async function offerOf(candidates: readonly Candidate[], ask: AskRepository): Promise<Offer | undefined> {
  let unasked: Offer | undefined
  for (const { entry, bytes } of candidates.slice(0, mostAsked)) {
    const [repo] = entry.repositories
    if (repo === undefined) continue
    try {
      const found = await ask(repo)
      const best = fitting(found)
      if (best)
        return {
          entry,
          repo,
          bytes: best.bytes,
          quantization: best.quantization,
          gated: found.gated !== false,
          unsure: !sure.includes(best.fit?.verdict),
        }
    } catch (error) {
      unasked ??= { entry, repo, bytes, gated: false, unsure: true, error }
      // It would be silent about the next one too.
      if (ModelyardError.from(error).code === 'hub_unreachable') break
    }
  }
  return unasked
}

/** The usual quantization where it fits, else what the service recommends. */
export function fitting({ quantizations, recommended }: HubRepository): HubQuantization | undefined {
  const good = quantizations.filter((one) => one.complete && one.fit?.verdict !== 'no')
  return good.find((one) => one.quantization === usual) ?? good.find((one) => one.quantization === recommended)
}
