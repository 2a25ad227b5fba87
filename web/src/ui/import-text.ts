/** How an engine gets a model, and what that costs on disk. Pure. */
import type { ImportPlan } from '../sdk.ts'
import { sizeText } from '../text/numbers.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'

const words = text.imports

export function importText({ strategy, name, extraBytes }: ImportPlan): string {
  const cost = extraBytes === undefined ? words.costUnknown : extraBytes === 0 ? words.costsNothing : words.costs(sizeText(extraBytes))
  const parts = [words.ways[strategy], name === undefined ? undefined : words.as(shown(name, 200))]
  return [...parts, strategy === 'present' || strategy === 'engine-pull' ? undefined : cost].filter((one) => one !== undefined).join(', ')
}
