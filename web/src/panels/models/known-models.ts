/** The models as the page knows them, those of engines that are silent now included. */
import { computed, type ReadonlySignal } from '@preact/signals'
import type { Model } from '../../sdk.ts'
import type { YardView } from '../../yard/yard.ts'
import { withLastKnown } from './shelf.ts'

const ofYards = new WeakMap<YardView, ReadonlySignal<readonly Model[] | undefined>>()

/** One for each yard: what is remembered of an engine is not lost when another panel is shown meanwhile. */
export function knownModels(yard: YardView): ReadonlySignal<readonly Model[] | undefined> {
  const made = ofYards.get(yard) ?? remembering(yard)
  ofYards.set(yard, made)
  return made
}

function remembering({ models }: YardView): ReadonlySignal<readonly Model[] | undefined> {
  let before: readonly Model[] = []
  const known = computed(() => {
    const now = models.all.value
    if (now) before = withLastKnown(now, models.outcomes.value, before)
    return now && before
  })
  // Somebody has to look on, or what an engine had would be missed.
  known.subscribe(() => {})
  return known
}

/** Engines that were asked for their models and did not answer. */
export const silentEngines = (yard: YardView): string[] =>
  yard.models.outcomes.value
    .filter(({ state }) => state !== 'ready' && state !== 'disabled' && state !== 'not_installed')
    .map(({ id }) => id)
