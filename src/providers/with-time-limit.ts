/** Bounds the reading methods of a provider, as `provider.ts` says. Loads and chats have limits of their own. */
import { abortReason, ModelyardError } from '../contract/index.ts'
import { withinTime } from '../platform/within-time.ts'
import type { Provider } from './provider.ts'

export interface TimeLimits {
  readonly probeMs?: number | undefined
  /** Of `list` and of `show`. */
  readonly listMs?: number | undefined
  readonly loadedMs?: number | undefined
}

export function withTimeLimit(provider: Provider, { probeMs = 1500, listMs = 5000, loadedMs = 10_000 }: TimeLimits = {}): Provider {
  const within = <T>(ms: number, signal: AbortSignal, work: (bounded: AbortSignal) => Promise<T>): Promise<T> =>
    withinTime({ signal, ms, late: () => new ModelyardError('timeout', `${provider.id} did not answer within ${ms / 1000} s.`) }, work)
  return overlay(provider, {
    probe: async (signal) => {
      try {
        return await within(probeMs, signal, (bounded) => provider.probe(bounded))
      } catch (error) {
        if (signal.aborted) throw abortReason(signal)
        const { code, message, hint } = ModelyardError.from(error)
        return {
          state: 'unreachable',
          error: { code, message },
          hint: code === 'timeout' ? 'It may be busy or hang; look at its own log.' : hint,
        }
      }
    },
    list: (signal) => within(listMs, signal, (bounded) => provider.list(bounded)),
    show: (name, signal) => within(listMs, signal, (bounded) => provider.show(name, bounded)),
    loaded: (signal) => within(loadedMs, signal, (bounded) => provider.loaded(bounded)),
  })
}

/** The provider with some methods replaced; getters stay live. */
export function overlay(provider: Provider, replaced: Partial<Provider>): Provider {
  return Object.create(provider, Object.getOwnPropertyDescriptors(replaced)) as Provider
}
