/** What clients saw, and whether the service counted the same. A client that leaves does not know what it missed. */

export type End =
  | { readonly kind: 'answer'; readonly model: string; readonly tokens: number }
  | { readonly kind: 'error'; readonly code: string; readonly counted: boolean }
  /** `begun`: it had seen the head of an answer. */
  | { readonly kind: 'left'; readonly begun: boolean }
  /** Its token was revoked meanwhile. */
  | { readonly kind: 'revoked'; readonly begun: boolean }

interface Page {
  answers: number
  errors: number
  /** They were counted, as one thing or another. */
  gone: number
  /** They may have been. */
  unsure: number
}

export interface Books {
  enter(route: string, end: End): void
  fault(what: string): void
  /** The first of them. */
  readonly faults: readonly string[]
  readonly faultCount: number
  readonly requests: number
  /** Sentences about what does not balance; none where all does. */
  balance(counted: readonly Counted[]): string[]
  summary(): string
}

/** One number of the service. */
export interface Counted {
  readonly route: string
  readonly outcome: string
  readonly value: number
}

/** More are counted, not told. */
const mostFaults = 40

export function openBooks(): Books {
  const pages = new Map<string, Page>()
  const kinds = new Map<string, number>()
  const faults: string[] = []
  let requests = 0
  let count = 0

  const pageOf = (route: string): Page => {
    const page = pages.get(route) ?? { answers: 0, errors: 0, gone: 0, unsure: 0 }
    pages.set(route, page)
    return page
  }
  return {
    enter(route, end) {
      requests += 1
      const name = end.kind === 'error' ? end.code : end.kind
      kinds.set(name, (kinds.get(name) ?? 0) + 1)
      const page = pageOf(route)
      if (end.kind === 'answer') page.answers += 1
      else if (end.kind === 'error') page.errors += end.counted ? 1 : 0
      else if (end.begun) page.gone += 1
      else page.unsure += 1
    },
    fault(what) {
      count += 1
      if (faults.length < mostFaults) faults.push(what)
    },
    faults,
    get faultCount() {
      return count
    },
    get requests() {
      return requests
    },
    balance: (counted) => [...pages].flatMap(([route, page]) => compare(route, page, counted)),
    summary: () =>
      [...kinds]
        .sort((a, b) => b[1] - a[1])
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
  }
}

function compare(route: string, { answers, errors, gone, unsure }: Page, counted: readonly Counted[]): string[] {
  const of = (fits: (outcome: string) => boolean): number =>
    counted.filter((one) => one.route === route && fits(one.outcome)).reduce((sum, { value }) => sum + value, 0)
  const between = (what: string, value: number, least: number, most: number): string[] =>
    value >= least && value <= most ? [] : [`${route}: ${value} ${what} were counted, clients saw ${least} to ${most}`]
  return [
    ...between(
      'answers',
      of((outcome) => outcome === 'ok'),
      answers,
      answers + gone + unsure,
    ),
    ...between(
      'who left',
      of((outcome) => outcome === 'left'),
      0,
      gone + unsure,
    ),
    ...between(
      'errors',
      of((outcome) => outcome !== 'ok' && outcome !== 'left'),
      errors,
      errors + gone + unsure,
    ),
    ...between(
      'requests',
      of(() => true),
      answers + errors + gone,
      answers + errors + gone + unsure,
    ),
  ]
}

/** The requests in the text that Prometheus reads. */
export const countedIn = (metrics: string): Counted[] =>
  [...metrics.matchAll(/^modelyard_model_requests_total\{(.*)\} (\d+)$/gm)].map(([, labels = '', value]) => ({
    route: /route="([^"]*)"/.exec(labels)?.[1] ?? '',
    outcome: /outcome="([^"]*)"/.exec(labels)?.[1] ?? '',
    value: Number(value),
  }))

/** One number of it, over all that have this among their labels. */
export function sumIn(metrics: string, name: string, label = ''): number {
  const values = metrics.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label))
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
