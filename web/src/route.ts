/** Which panel is shown, as the fragment of the address says: `#/models/ollama%2Fqwen3%3A8b`. Works under any address the page is served from. */
import { computed, signal } from '@preact/signals'

export const panels = ['switch', 'get', 'models', 'try', 'activity', 'connect', 'settings'] as const
export type Panel = (typeof panels)[number]

export interface Route {
  readonly panel: Panel
  /** What of it: a model, a repository. */
  readonly rest: readonly string[]
}

const hash = signal(globalThis.location?.hash ?? '')
globalThis.addEventListener?.('hashchange', () => {
  hash.value = location.hash
})

export const route = computed(() => routeOf(hash.value))

/** The panel and what follows it; the first panel for what names none. */
export function routeOf(fragment: string): Route {
  const [name = '', ...rest] = fragment.replace(/^#\/?/, '').split('/')
  const panel = panels.find((one) => one === name)
  return panel ? { panel, rest: rest.filter((one) => one !== '').map(decoded) } : { panel: 'switch', rest: [] }
}

export const addressOf = (panel: Panel, ...rest: string[]): string => `#/${[panel, ...rest.map(encodeURIComponent)].join('/')}`

export function goTo(panel: Panel, ...rest: string[]): void {
  location.hash = addressOf(panel, ...rest)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
