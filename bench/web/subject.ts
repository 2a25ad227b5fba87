/** What the benches of the page know of it: where its screens are, how its parts are called, the mark that it sets. */
import type { CDPSession, Page } from 'playwright-core'
import type { Chromium } from '../../test/support/chromium.ts'

export interface Subject {
  readonly url: string
  signIn(page: Page): Promise<void>
}

/** Screens, as they follow the address of the service. */
export const screens = { first: '/', get: '/#/get' } as const
/** Set by the page when the list of models can be used. */
export const listMark = 'modelyard:list'
export const filterOf = (page: Page) => page.getByRole('searchbox', { name: 'Filter models' })
export const listOf = (page: Page) => page.getByRole('listbox', { name: 'Models' }).or(page.getByRole('grid', { name: 'Models' }))
export const progressOf = (page: Page) => page.getByRole('progressbar')

const patienceMs = 30_000

export interface Visit extends AsyncDisposable {
  readonly page: Page
  readonly session: CDPSession
}

/** Signed in, in a profile of its own; what the page complains of is an error of the bench. */
export async function visit(chromium: Chromium, subject: Subject): Promise<Visit> {
  const window = await chromium.window()
  const { page } = window
  const session = await window.context.newCDPSession(page)
  await subject.signIn(page)
  await marked(page)
  return { page, session, [Symbol.asyncDispose]: () => window[Symbol.asyncDispose]() }
}

export async function marked(page: Page): Promise<number> {
  const until = Date.now() + patienceMs
  for (;;) {
    const found = await page.evaluate(`performance.getEntriesByName(${JSON.stringify(listMark)})[0]?.startTime`)
    if (found !== undefined) return Number(found)
    if (Date.now() > until) throw new Error('no list')
    await pause(50)
  }
}

/** Another screen of the page that is open, without loading it again. */
export const goTo = (page: Page, subject: Subject, screen: string): Promise<unknown> => page.goto(`${subject.url}${screen}`)

/** Those that Chromium counts, in seconds and bytes. */
export async function metricsOf(session: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

export function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
