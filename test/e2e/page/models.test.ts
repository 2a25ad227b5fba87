/** The Models panel in a real browser, against the real service: what a person sees of models, changes, loads, ejects, shares and removes. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window } from '../../support/chromium.ts'
import { repos } from '../../support/page-models.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const slots = (page: Page): Locator => page.getByRole('region', { name: 'Slots' })
const options = (page: Page): Locator => page.getByRole('listbox', { name: 'All models' }).getByRole('option')
const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
const button = (within: Page | Locator, name: string): Locator => within.getByRole('button', { name, exact: true })

describe('the Models panel', { timeout: 60_000 }, () => {
  let chromium: Chromium
  let scene: PageScene

  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())
  beforeEach(async () => {
    const made = await pageScene()
    scene = made
    return () => made[Symbol.asyncDispose]()
  })

  const at = async ({ page }: Window, ...rest: string[]): Promise<void> => {
    page.setDefaultTimeout(20_000)
    if (!page.url().startsWith(scene.url)) {
      await scene.signIn(page)
      await slots(page).waitFor()
    }
    await page.goto(`${scene.url}/#/${['models', ...rest.map(encodeURIComponent)].join('/')}`)
  }

  it('lists models of every kind, sorts and filters them, and opens the one that is chosen', async () => {
    await using window = await chromium.window()
    const { page } = window
    await at(window)
    await options(page).first().waitFor()
    expect(await options(page).count()).toBe(7)
    await options(page).filter({ hasText: 'nomic-embed-text' }).getByText('embedding').waitFor()
    await region(page, 'Memory of this machine')
      .getByText(/free .+B/)
      .waitFor()
    await button(page, 'Size').click()
    await options(page).first().filter({ hasText: 'devstral-small' }).waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'models')
    await page.getByLabel('Filter models').fill('ollama qwen3')
    await page.getByText('1 of 7').waitFor()
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'qwen3:8b', level: 1 }).waitFor()
    const facts = region(page, 'What it is')
    await facts.getByText('40k (40,960 tokens)').waitFor()
    await facts.getByText('chat, tools, reasoning').waitFor()
    await page.getByText('Chat template').click()
    await page.getByText('{{ .Prompt }}').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'model', { fullPage: true })
  })

  it('a pin is seen on every page at once', async () => {
    await using window = await chromium.window()
    const { page } = window
    await at(window, 'ollama/qwen3:8b')
    const other = await window.anotherTab()
    await other.goto(`${scene.url}/#/models`)
    await options(other).filter({ hasText: 'qwen3:8b' }).waitFor()
    await button(page, 'Pin').click()
    await options(other).filter({ hasText: 'qwen3:8b' }).getByText('pinned').waitFor()
    await button(page, 'Unpin').click()
    await options(other).filter({ hasText: 'qwen3:8b' }).getByText('pinned').waitFor({ state: 'detached' })
    expect(await scene.yard.models.get('ollama/qwen3:8b')).toMatchObject({ pinned: false })
  })

  it('load options say what they cost, are remembered, count from the next load on, and are reset', async () => {
    await using window = await chromium.window()
    const { page } = window
    await at(window, 'ollama/qwen3:8b')
    const card = region(page, 'Load options')
    await card.getByText('Context of 8k').waitFor()
    await button(card, '16k').click()
    await card.getByText('Context of 16k').waitFor()
    await card.getByLabel('Stays loaded when idle').fill('never')
    await card.getByText('Such as 30m, 1h30m, a number of seconds, 0 or -1.').waitFor()
    expect(await button(card, 'Save').getAttribute('aria-disabled')).toBe('true')
    await card.getByLabel('Stays loaded when idle').fill('30m')
    await button(card, 'Save').click()
    await card.getByText('Remembered here.').waitFor()
    expect((await scene.yard.models.get('ollama/qwen3:8b')).load).toEqual({ contextLength: 16_384, keepAlive: '30m' })
    await page.reload()
    await card.getByText('Remembered here.').waitFor()
    expect(await card.getByLabel('Context in tokens').inputValue()).toBe('16384')
    await button(page, 'Load').click()
    await page.getByText(/context 16k · unloads in 30 mins if idle · loaded by Modelyard/).waitFor()
    await button(card, 'Reset').click()
    await card.getByText('Nothing is remembered: the engine chooses.').waitFor()
    expect(await card.getByLabel('Context in tokens').inputValue()).toBe('')
    expect(await scene.yard.models.get('ollama/qwen3:8b')).not.toHaveProperty('load')
    expect(await axe(page)).toEqual([])
  })

  it('what is loaded is seen with its size and by whom, and is ejected', async () => {
    await using window = await chromium.window()
    const { page } = window
    await scene.yard.models.load('ollama/llama3.2:3b')
    await scene.yard.models.load('lmstudio/qwen/qwen3-4b')
    await at(window)
    const loaded = region(page, 'Loaded now')
    await loaded
      .getByText(/of memory .* loaded by Modelyard/)
      .first()
      .waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'models-loaded')
    await button(loaded, 'Eject llama3.2:3b').click()
    await page.getByRole('status').getByText('llama3.2:3b is not in memory any more.').waitFor()
    await loaded.getByText('llama3.2:3b').waitFor({ state: 'detached' })
    expect(scene.ollama.shelf.loaded.size).toBe(0)
    await scene.yard.models.load('ollama/llama3.2:3b')
    await button(loaded, 'Eject all').click()
    await loaded.getByText('Nothing is in memory.').waitFor()
  })

  it('is removed only after it was shown what goes and said what serves instead', async () => {
    await using window = await chromium.window()
    const { page } = window
    await scene.yard.slot('default').switch('ollama/qwen3:8b')
    await at(window, 'ollama/qwen3:8b')
    await button(page, 'Remove').click()
    const dialog = page.getByRole('dialog', { name: 'Remove qwen3:8b?' })
    await dialog.getByRole('region', { name: 'This goes' }).getByText('qwen3:8b').waitFor()
    await dialog.getByText('It serves default. What is to serve there instead?').waitFor()
    const confirm = button(dialog, 'Remove · frees 5.2 GB')
    expect(await confirm.getAttribute('aria-disabled')).toBe('true')
    await confirm.click({ force: true })
    expect(await axe(page)).toEqual([])
    await dialog.getByLabel('Replacement').selectOption('ollama/llama3.2:3b')
    await screenshot(page, 'model-remove')
    await confirm.click()
    await page.getByRole('status').getByText('qwen3:8b is removed; 5.2 GB are free again.').waitFor()
    await slots(page).getByText('llama3.2:3b').waitFor()
    await options(page).filter({ hasText: 'llama3.2:3b' }).getByText('serves default').waitFor()
    await options(page).filter({ hasText: 'qwen3:8b' }).waitFor({ state: 'detached' })
    await at(window, 'ollama/qwen3:8b')
    await page.getByRole('heading', { name: 'This model is not here' }).waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('stays where its replacement does not answer, and says why in the words of the engine', async () => {
    await using window = await chromium.window()
    const { page } = window
    await scene.yard.slot('default').switch('ollama/qwen3:8b')
    await at(window, 'ollama/qwen3:8b')
    await button(page, 'Remove').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Replacement').selectOption('ollama/damaged:7b')
    await button(dialog, 'Remove · frees 5.2 GB').click()
    await dialog.getByText('It was not removed.').waitFor()
    await dialog.getByText(/default could not be switched to ollama\/damaged:7b, nothing was removed/).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await slots(page).getByText('qwen3:8b').waitFor()
    expect(scene.ollama.shelf.models.map(({ name }) => name)).toContain('qwen3:8b')
  })

  it('is shared with another engine: the plan first, then a job', async () => {
    await using window = await chromium.window()
    const { page } = window
    const job = await scene.yard.jobs.start({ repo: repos.one, into: ['ollama'], switch: false })
    const { result } = await job.ended()
    const ref = result?.refs[0]?.ref ?? ''
    await at(window, ref)
    const disk = region(page, 'On disk')
    await disk.getByText(/on disk, links counted once/).waitFor()
    const share = region(page, 'Share with another engine')
    await share.getByLabel('Engine').selectOption('lmstudio')
    await share
      .getByRole('list', { name: 'What it would do' })
      .getByText(/more on disk|no further space/)
      .waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'model-share', { fullPage: true })
    await button(share, 'Share').click()
    await share.getByRole('link', { name: 'See it under Get' }).waitFor()
    await disk.getByRole('link', { name: /^lmstudio\// }).waitFor()
  })

  it('keeps what was last known of an engine that does not answer', async () => {
    await using window = await chromium.window()
    const { page } = window
    await at(window)
    await options(page).filter({ hasText: 'qwen3-4b' }).waitFor()
    await scene.studio.close()
    await scene.yard.detect()
    await page.getByText('lmstudio does not answer; its models are shown as last known.').waitFor()
    await options(page).filter({ hasText: 'qwen3-4b' }).getByText('last known').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'models-silent')
    await options(page).filter({ hasText: 'qwen3-4b' }).click()
    await page.getByText('lmstudio does not answer', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'qwen/qwen3-4b', level: 1 }).waitFor()
    expect(await button(page, 'Use').getAttribute('title')).toBe('lmstudio does not answer')
    expect(await button(page, 'Load').getAttribute('aria-disabled')).toBe('true')
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'model-silent')
  })

  it('is whole at 360 pixels, in the dark, and over names that mean harm', async () => {
    const name = `<img src=x onerror=alert(1)>\u202e${'x'.repeat(150)}`
    scene.ollama.shelf.models.push({ name: 'evil', family: name, parameters: name })
    await scene.yard.detect()
    await using window = await chromium.window({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    const { page } = window
    await at(window)
    await options(page).first().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'models-360-dark')
    await at(window, 'ollama/evil:latest')
    await region(page, 'What it is')
      .getByText(/<img src=x/)
      .first()
      .waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await page.locator('img').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'model-360-dark', { fullPage: true })
  })
})
