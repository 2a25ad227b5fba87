/**
 * Who has to leave memory so that a new model can come: a pure decision from facts, asked before anything is touched.
 */
import { type ErrorBody, ModelyardError, type Policy } from '../contract/index.ts'
import { sizeText } from '../util/size-text.ts'

/** One model in memory, and why it may or may not be unloaded. */
export interface Occupant {
  readonly provider: string
  readonly name: string
  readonly instanceId?: string | undefined
  readonly memoryBytes?: number | undefined
  readonly loadedBy: 'us' | 'other'
  readonly pinned: boolean
  /** It serves another slot. */
  readonly servesOther: boolean
  /** It is what this slot serves now. */
  readonly servesThis: boolean
  /** It is the very target, or the target's model with other options. */
  readonly isTarget: boolean
}

export interface RoomFacts {
  /** The target is in memory with the options asked for. */
  readonly toLoaded: boolean
  /** What serves now is in memory, or its engine cannot say and answers. */
  readonly fromAlive: boolean
  readonly occupants: readonly Occupant[]
  /** Bytes the target will take; absent is unknown. */
  readonly needBytes?: number | undefined
  /** Bytes free now and in all, RAM and GPU; absent is unknown. */
  readonly freeBytes?: number | undefined
  readonly totalBytes?: number | undefined
  /** The target's engine can hold several models at once. */
  readonly multipleModels: boolean
  /** The target's engine can unload a model. */
  readonly canUnload: boolean
  /** The target's provider. */
  readonly provider: string
}

export interface RoomPlan {
  readonly way: 'overlap' | 'replace'
  /** To unload before the load, in this order. */
  readonly unload: readonly Occupant[]
  /** What serves now is among them: requests wait, running ones are waited for. */
  readonly interrupts: boolean
  readonly warnings: readonly string[]
}

const spare = 1.1

export function planRoom(policy: Policy, facts: RoomFacts): RoomPlan | { readonly reject: ErrorBody } {
  if (facts.toLoaded && policy !== 'exclusive') return overlap([])
  const other = facts.occupants.find((one) => one.isTarget && !facts.toLoaded)
  if (other) return reload(other)
  const leaving = whoLeaves(policy, facts)
  const impossible = cannotFit(facts, leaving)
  if (impossible) return { reject: impossible }
  if (policy === 'overlap') return facts.multipleModels || leaving.length === 0 ? overlap(unknownRoom(facts)) : { reject: oneAtATime() }
  if (policy === 'auto' && facts.multipleModels && fitsBeside(facts)) return overlap([])
  return replace(leaving)
}

const overlap = (warnings: readonly string[]): RoomPlan => ({ way: 'overlap', unload: [], interrupts: false, warnings })

/** The same model with other options: its engine holds it once, so it has to be loaded anew. */
function reload(one: Occupant): RoomPlan | { readonly reject: ErrorBody } {
  if (one.servesOther) {
    const message = `${one.name} serves another slot with other load options.`
    return { reject: new ModelyardError('conflict', message, { hint: 'Use the same options, or switch the other slot first.' }).toBody() }
  }
  if (one.servesThis) return replace([one])
  const owner = one.loadedBy === 'other' ? ['It was loaded by another program with other options and is loaded anew with these.'] : []
  return overlap(owner)
}

const replace = (unload: readonly Occupant[]): RoomPlan => ({
  way: unload.length === 0 ? 'overlap' : 'replace',
  unload,
  interrupts: unload.some((one) => one.servesThis),
  warnings: [],
})

/**
 * Never a pinned model, never one that serves another slot; one loaded by others only under `exclusive`, and then only
 * in the target's own engine.
 */
function whoLeaves(policy: Policy, facts: RoomFacts): Occupant[] {
  return facts.occupants.filter((one) => {
    if (one.pinned || one.servesOther) return false
    if (policy === 'exclusive' && one.provider === facts.provider) return facts.canUnload && !(one.isTarget && facts.toLoaded)
    return one.servesThis && one.loadedBy === 'us' && !(one.isTarget && facts.toLoaded)
  })
}

/** Known not to fit even when all that may leave has left: nothing is touched. */
function cannotFit(facts: RoomFacts, leaving: readonly Occupant[]): ErrorBody | undefined {
  const { needBytes, freeBytes, totalBytes } = facts
  if (needBytes === undefined || totalBytes === undefined || freeBytes === undefined) return undefined
  const given = leaving.reduce((sum, one) => sum + (one.memoryBytes ?? 0), 0)
  const unsure = leaving.some((one) => one.memoryBytes === undefined)
  const available = unsure ? totalBytes : Math.min(totalBytes, freeBytes + given)
  if (facts.toLoaded || needBytes <= available) return undefined
  return new ModelyardError(
    'out_of_memory',
    `It needs about ${sizeText(needBytes)}, and at most ${sizeText(available)} can be made free.`,
    {
      details: { needBytes, availableBytes: available },
    },
  ).toBody()
}

function fitsBeside({ needBytes, freeBytes }: RoomFacts): boolean {
  return needBytes !== undefined && freeBytes !== undefined && needBytes * spare <= freeBytes
}

function unknownRoom({ needBytes, freeBytes }: RoomFacts): string[] {
  if (needBytes === undefined || freeBytes === undefined) return ['How much memory it takes could not be told beforehand.']
  return needBytes <= freeBytes
    ? []
    : [`It needs about ${sizeText(needBytes)} and ${sizeText(freeBytes)} are free: the engine may slow down or evict others.`]
}

const oneAtATime = (): ErrorBody =>
  new ModelyardError('unsupported_operation', 'This engine holds one model at a time: "overlap" is not possible.', {
    hint: 'Use the policy "replace" or "auto".',
  }).toBody()
