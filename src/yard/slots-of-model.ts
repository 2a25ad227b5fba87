/** Which slots a model serves, or is to serve. */
import type { Provider } from '../providers/provider.ts'
import type { SlotRuntime } from '../switching/slot-runtime.ts'

/** Also those that remember it, or are being switched to it: all that would miss it. */
export function slotsOfModel(slots: readonly SlotRuntime[], provider: Provider, name: string): SlotRuntime[] {
  const means = (one: { provider?: string | undefined; name: string } | undefined): boolean =>
    one !== undefined && (one.provider ?? provider.id) === provider.id && provider.sameModel(one.name, name)
  return slots.filter(({ state, remembered }) =>
    [state.serving?.target, state.choice, remembered, state.run?.to, state.run?.from, state.next?.to].some(means),
  )
}
