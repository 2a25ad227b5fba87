/** Every screen of the page, and how one sees that it is there: for tests that look at all of them alike. */
import type { Page } from 'playwright-core'
import { repos } from './page-models.ts'

export interface Screen {
  readonly name: string
  /** The fragment of its address. */
  readonly at: string
  /** What the title of the tab names. */
  readonly panel: string
  /** Resolves when all of it is there. */
  ready(page: Page): Promise<unknown>
}

const heading = (name: string, level: number) => (page: Page) => page.getByRole('heading', { name, level }).waitFor({ state: 'attached' })
const all =
  (...steps: readonly ((page: Page) => Promise<unknown>)[]) =>
  (page: Page) =>
    Promise.all(steps.map((step) => step(page)))
const words = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor()
const option = (name: RegExp) => (page: Page) => page.getByRole('option', { name }).waitFor()

/** With a model that serves, on a scene with the usual engines and Hub. */
export const panelScreens: readonly Screen[] = [
  { name: 'switch', at: '#/switch', panel: 'Switch', ready: all(heading('Switch', 1), option(/qwen3:8b/)) },
  { name: 'get', at: '#/get', panel: 'Get', ready: all(heading('Get', 1), words('From the catalogue')) },
  {
    name: 'repository',
    at: `#/get/${repos.many}`,
    panel: 'Get',
    ready: all(heading(repos.many, 2), (page) => page.getByRole('radio', { name: /Q8_0/ }).waitFor()),
  },
  {
    name: 'plan',
    at: `#/get/${repos.many}/Q4_K_M`,
    panel: 'Get',
    ready: all(heading('What will be done', 3), words('To fetch')),
  },
  { name: 'gated', at: `#/get/${repos.gated}`, panel: 'Get', ready: words('Open the page and accept') },
  { name: 'models', at: '#/models', panel: 'Models', ready: all(heading('Models', 1), words('Memory of this machine')) },
  {
    name: 'model',
    at: `#/models/${encodeURIComponent('ollama/qwen3:8b')}`,
    panel: 'Models',
    ready: all(heading('qwen3:8b', 1), words('Load options')),
  },
  { name: 'try', at: '#/try', panel: 'Try', ready: all(heading('Try', 1), (page) => page.getByLabel('Your question').waitFor()) },
  { name: 'activity', at: '#/activity', panel: 'Activity', ready: all(heading('Activity', 1), words('History')) },
  { name: 'connect', at: '#/connect', panel: 'Connect', ready: all(heading('Connect an app', 1), words('Set up a client')) },
  { name: 'settings', at: '#/settings', panel: 'Settings', ready: all(heading('Settings', 1), words('Where each value comes from')) },
]

/** Without loading the page anew. */
export async function show(page: Page, { at, ready }: Screen): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(at)}`)
  await ready(page)
}
