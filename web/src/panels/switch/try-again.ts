/** What can be tried after a switch that failed. Pure. */
import type { Model, SwitchRecord } from '../../sdk.ts'

export interface Tries {
  /** The same again. */
  readonly again?: string
  /** The same with fewer tokens of context, where memory was the reason. */
  readonly smaller?: { readonly ref: string; readonly contextLength: number }
  /** What served before, where now nothing does. */
  readonly back?: string
}

export function triesOf({ outcome, error, to, from }: SwitchRecord, models: readonly Model[]): Tries {
  if (outcome === undefined || !['rolled_back', 'rejected', 'degraded'].includes(outcome) || to === undefined) return {}
  const model = models.find((one) => one.ref === to)
  const contextLength = error?.code === 'out_of_memory' && model ? smallerContext(model) : undefined
  return {
    ...(model && { again: to }),
    ...(contextLength !== undefined && { smaller: { ref: to, contextLength } }),
    ...(outcome === 'degraded' && from !== undefined && from !== to && models.some((one) => one.ref === from) && { back: from }),
  }
}

const leastTokens = 512
/** What engines give a model for which nobody chose is not told; this is below what any of them does. */
const belowDefaults = 2048

function smallerContext({ load, contextLength }: Model): number | undefined {
  const chosen = load?.contextLength
  const smaller =
    chosen !== undefined
      ? Math.floor(chosen / 2)
      : contextLength === undefined
        ? belowDefaults
        : Math.min(belowDefaults, Math.floor(contextLength / 2))
  return smaller < leastTokens ? undefined : smaller
}
