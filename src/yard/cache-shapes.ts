/** The shape of the context cache of models that the catalogue does not know, from the header of one file of a repository. */
import type { Hub } from '../catalog/hub.ts'
import type { HubRepository } from '../contract/index.ts'
import { modelInName } from '../util/gguf/quantization-name.ts'
import type { GgufSummary } from '../util/gguf/summary.ts'

/** Of the files that are of the model whose header was read; all quantizations of it have the same. */
export interface KnownShape {
  readonly summary: GgufSummary
  isOf(path: string): boolean
}

/** Undefined where it cannot be read: a licence to accept, a Hub that is slow, no GGUF. */
export type ShapeReader = (repository: HubRepository, signal: AbortSignal) => Promise<KnownShape | undefined>

const mostKnown = 500
/** Nobody waits longer for what is only nice to know. */
const longestMs = 10_000

export function createShapeReader(hub: Pick<Hub, 'header'>): ShapeReader {
  /** By repository and commit: what a commit holds never changes. */
  const known = new Map<string, KnownShape>()
  return async ({ repo, commit, quantizations }, signal) => {
    const key = `${repo}@${commit}`
    const found = known.get(key)
    if (found) return found
    const path = quantizations.find(({ complete }) => complete)?.files[0]?.path
    if (path === undefined) return undefined
    const limited = AbortSignal.any([signal, AbortSignal.timeout(longestMs)])
    const summary = await hub.header({ repo, commit, path }, limited, { brief: true }).catch(() => undefined)
    if (!summary) return undefined
    const model = modelInName(path)
    const shape = { summary, isOf: (other: string) => modelInName(other) === model }
    if (known.size >= mostKnown) known.clear()
    known.set(key, shape)
    return shape
  }
}
