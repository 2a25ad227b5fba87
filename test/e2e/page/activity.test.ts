/** What the page says of what happens and what happened. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const history = (page: Page) => page.getByRole('region', { name: 'History' })
const entries = (page: Page) => history(page).locator('.entries > li')
const speed = (page: Page) => page.getByRole('region', { name: 'Speed' })

describe('the activity', () => {
  let chromium: Chromium
  let scene: PageScene
  let window: Window
  let page: Page

  beforeAll(async () => {
    chromium = await startChromium()
    // So small that they fit whatever else the machine does.
    const models = [
      { name: 'qwen3:8b', sizeBytes: 1e6 },
      { name: 'damaged:7b', sizeBytes: 1e6, broken: true },
    ]
    scene = await pageScene({ ollama: { models } })
  })
  afterAll(async () => {
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    window = await chromium.window()
    page = window.page
    await scene.signIn(page)
    await page.getByRole('navigation').getByRole('link', { name: 'Activity' }).click()
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor()
  })
  afterEach(() => window[Symbol.asyncDispose]())

  it('says that nothing has happened yet, and where something would', async () => {
    await history(page).getByText('Nothing was switched or got yet.').waitFor()
    await speed(page).getByText('No request in the last hour.').waitFor()
    await page.getByRole('list', { name: 'Engines' }).getByText('ollama').waitFor()
    expect(await axe(page)).toEqual([])
    await speed(page).getByRole('link', { name: 'Try' }).click()
    await page.getByRole('heading', { name: 'Try', level: 1 }).waitFor()
  })

  it('has each switch as it ends, one that was rolled back with the reason of the engine', async () => {
    await scene.yard.slot('default').switch('ollama/qwen3:8b')
    await entries(page).getByText('switched').waitFor()
    await scene.yard.slot('default').switch('ollama/damaged:7b')
    const back = entries(page).filter({ hasText: 'rolled back' })
    await back.locator('summary').click()
    await back.getByText(/error loading model/).waitFor()
    await back.getByText('load_failed').waitFor()
    for (const words of ['Served before', 'Served after', 'gone back']) await back.getByText(words).waitFor()
    expect(await entries(page).first().textContent()).toContain('damaged:7b')
    await screenshot(page, 'activity-rolled-back')
    expect(await axe(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await axe(page)).toEqual([])
  })

  it('is filtered by kind and outcome', async () => {
    await (await scene.yard.jobs.start({ repo: 'lab/Cedar-GGUF', into: ['ollama'] })).ended()
    await entries(page).filter({ hasText: 'lab/Cedar-GGUF' }).waitFor()
    expect(await entries(page).count()).toBe(3)
    await history(page).getByRole('combobox', { name: 'Outcome' }).selectOption('Failed')
    expect(await entries(page).count()).toBe(1)
    await history(page).getByRole('combobox', { name: 'Kind' }).selectOption('Jobs')
    await history(page).getByText('Nothing is like that.').waitFor()
    await history(page).getByRole('combobox', { name: 'Outcome' }).selectOption('Done')
    const got = entries(page).filter({ hasText: 'lab/Cedar-GGUF' })
    await got.locator('summary').click()
    await got.getByText('Verified').waitFor()
  })

  it('copies details that hold no secret', async () => {
    await window.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const failed = entries(page).filter({ hasText: 'rolled back' })
    await failed.locator('summary').click()
    await failed.getByRole('button', { name: 'Copy details' }).click()
    await page.getByRole('status').getByText('Copied').waitFor()
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(JSON.parse(copied)).toMatchObject({ switch: { outcome: 'rolled_back', error: { code: 'load_failed' } } })
    for (const secret of [scene.token, await page.evaluate<string>("localStorage.getItem('modelyard.token')")]) {
      expect(secret).not.toBe('')
      expect(copied).not.toContain(secret)
    }
  })

  it('draws what requests cost, as a drawing, by keyboard and as a table', async () => {
    const chat = scene.yard.chat()
    for (const content of ['One', 'Two', 'Three']) await chat.complete({ messages: [{ role: 'user', content }] })
    // Counted every ten seconds.
    await speed(page).locator('.series path').first().waitFor({ timeout: 25_000 })
    const row = speed(page).getByRole('row', { name: /qwen3:8b/ })
    expect(await row.textContent()).toContain('3')
    const slider = speed(page).getByRole('slider')
    await slider.focus()
    await page.keyboard.press('End')
    let words = await slider.getAttribute('aria-valuetext')
    for (let steps = 0; steps < 5 && !words?.includes('requests'); steps += 1) {
      await page.keyboard.press('ArrowLeft')
      words = await slider.getAttribute('aria-valuetext')
    }
    expect(words).toMatch(/ollama\/qwen3:8b, \d requests?, .+ tokens\/s, first token after/)
    await page.keyboard.press('Escape')
    await speed(page).getByRole('button', { name: '24 h' }).click()
    await speed(page).getByText('The last 24 hours').waitFor()
    await speed(page).getByText('As a table').click()
    await speed(page).getByRole('region', { name: 'As a table' }).getByText('ollama/qwen3:8b').first().waitFor()
    await screenshot(page, 'activity')
    expect(await axe(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate("document.querySelector('main').scrollWidth")).toBe(360)
    await screenshot(page, 'activity-narrow')
  })

  it('says what is not as it should be, and what to do', async () => {
    scene.ollama.shelf.models.splice(
      scene.ollama.shelf.models.findIndex(({ name }) => name === 'qwen3:8b'),
      1,
    )
    scene.ollama.shelf.unload('qwen3:8b')
    await scene.yard.detect()
    const present = page.getByRole('region', { name: 'Now' })
    await present.locator('.note.warn').first().waitFor({ timeout: 20_000 })
    expect(await present.locator('.note.warn').first().textContent()).toMatch(/qwen3:8b/)
    expect(await axe(page)).toEqual([])
  })
})
