/** The first minute on a machine without models: what is said, what is offered, and how the page comes to life. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { type FakeOllama, fakeOllama } from '../../../src/testing/fakes/fake-ollama.ts'
import { namedGguf } from '../../../src/testing/gguf/named-gguf.ts'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const content = namedGguf('cedar')
/** The Hub has what the catalogue names. */
const repositories = readCatalog().entries.map(({ repositories: [repo = ''] }) => ({
  repo,
  licence: 'mit',
  files: [{ path: 'model-Q4_K_M.gguf', content }],
}))
const offers = (page: Page) => page.getByRole('region', { name: 'Three to begin with' })

describe('the first run', () => {
  let chromium: Chromium

  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())

  async function open(scene: PageScene, page: Page): Promise<void> {
    await scene.signIn(page)
    await page.getByRole('region', { name: 'Slots' }).waitFor()
  }

  it('says that engines hold no model, offers three that fit, and leads to the plan of one', async () => {
    await using scene = await pageScene({ bare: true, hub: { repositories } })
    await using window = await chromium.window()
    const { page } = window
    await open(scene, page)
    await page.getByRole('heading', { name: 'No chat model yet' }).waitFor()
    await page.getByText(scene.ollama.url).waitFor()
    const buttons = offers(page).getByRole('button', { name: /Get · Q4_K_M · / })
    await buttons.first().waitFor()
    expect(await buttons.count()).toBe(3)
    await page.getByText('modelyard demo').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'first-run')
    await buttons.first().click()
    await page.waitForURL(/#\/get\/[^/]+\/[^/]+\/Q4_K_M$/)
    await page.getByRole('heading', { name: 'Get', level: 1 }).waitFor()
  })

  it('says that the Hub does not know, and what is an estimate', async () => {
    await using scene = await pageScene({ bare: true, hub: { repositories: [] } })
    await using window = await chromium.window({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    const { page } = window
    await open(scene, page)
    await offers(page).getByText('The Hub could not be read').waitFor()
    expect(
      await offers(page)
        .getByRole('button', { name: /Get · about / })
        .count(),
    ).toBeGreaterThan(0)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'first-run-narrow-dark')
  })

  it('says that no engine answers, and shows the models of one that appears, without a reload', async () => {
    await using scene = await pageScene({ bare: true, hub: { repositories } })
    const { port } = scene.ollama
    await Promise.all([scene.ollama.close(), scene.studio.close()])
    await scene.yard.detect()
    await using window = await chromium.window()
    const { page } = window
    await open(scene, page)
    await page.getByRole('heading', { name: 'No engine answers yet' }).waitFor()
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }))
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'first-run-no-engine')
    await using _: FakeOllama = await fakeOllama({ port, models: [{ name: 'late:1b', sizeBytes: 8e8 }] })
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByRole('listbox', { name: 'Models' }).getByText('late:1b').waitFor()
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true)
  })
})
