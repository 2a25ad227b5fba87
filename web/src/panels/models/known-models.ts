/** The models as the page knows them, those of engines that are silent now included. */
import { computed, type ReadonlySignal } from '@preact/signals'
import type { Model, ProviderState } from '../../sdk.ts'
import type { YardView } from '../../yard/yard.ts'
import { withLastKnown } from './shelf.ts'

const ofYards = new WeakMap<YardView, ReadonlySignal<readonly Model[] | undefined>>()

/** One for each yard: what is remembered of an engine is not lost when another panel is shown meanwhile. */
export function knownModels(yard: YardView): ReadonlySignal<readonly Model[] | undefined> {
  const made = ofYards.get(yard) ?? remembering(yard)
  ofYards.set(yard, made)
  return made
}

function remembering({ models, providers }: YardView): ReadonlySignal<readonly Model[] | undefined> {
  let before: readonly Model[] = []
  const known = computed(() => {
    const now = models.all.value
    const states = [...models.outcomes.value, ...providers.value]
    if (now) before = withLastKnown(now, states, before)
    return now && before
  })
  // Somebody has to look on, or what an engine had would be missed.
  known.subscribe(() => {})
  return known
}

/** Engines that do not answer. One that is not there, and was not before, is not missed. */
export function silentEngines(yard: YardView): string[] {
  const models = knownModels(yard).value ?? []
  return yard.providers.value
    .filter(({ id, state }) => state !== 'ready' && (!absent.has(state) || models.some(({ provider }) => provider === id)))
    .map(({ id }) => id)
}

const absent: ReadonlySet<ProviderState> = new Set(['disabled', 'not_installed'])
