/** Switching as a person does it: in a real browser, against the real service, with engines whose loads can be held. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../../src/client/index.ts'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const slots = (page: Page) => page.getByRole('region', { name: 'Slots' })
const list = (page: Page) => page.getByRole('listbox', { name: 'Models' })
const row = (page: Page, name: RegExp) => list(page).getByRole('option', { name })
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter models' })
const strip = (page: Page, name: RegExp) => page.locator('main').getByRole('region', { name })
const served = 'ollama/llama3.2:3b'

async function use(page: Page, name: string): Promise<void> {
  await row(page, new RegExp(`^${name} `)).click()
  await page.getByRole('button', { name: `Use ${name}` }).click()
}

describe('the switch panel', () => {
  let chromium: Chromium
  let scene: PageScene

  beforeAll(async () => {
    chromium = await startChromium()
    scene = await pageScene({ slots: { default: { policy: 'overlap' } } })
  })
  afterAll(async () => {
    scene?.ollama.shelf.releaseLoads()
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    scene.ollama.shelf.releaseLoads()
    const { outcome } = await scene.yard.slot('default').switch(served)
    expect(['switched', 'already_active']).toContain(outcome)
    for (const name of [...scene.ollama.shelf.loaded.keys()]) if (!served.endsWith(name)) scene.ollama.shelf.unload(name)
  })

  async function open(options?: Parameters<Chromium['window']>[0]): Promise<Window> {
    const window = await chromium.window(options)
    await scene.signIn(window.page)
    await list(window.page).waitFor()
    return window
  }

  it('shows the steps while it runs, the answer that proved it, and folds when something else is done', async () => {
    await using window = await open()
    const { page } = window
    expect(await list(page).getByRole('option').first().textContent()).toContain('serves default')

    scene.ollama.shelf.holdLoads()
    await use(page, 'qwen3:8b')
    const running = strip(page, /^Switching default to qwen3:8b$/)
    await running.getByText('loading 5.2 GB').waitFor()
    await running.getByText('llama3.2:3b keeps serving until this one has answered.').waitFor()
    await row(page, /^qwen3:8b .*switching/).waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'switching')
    scene.ollama.shelf.releaseLoads()
    const ended = strip(page, /^qwen3:8b serves default\.$/)
    await ended.getByText(/It began to think: “.+”|It answered: “.+”/).waitFor()
    await ended.getByText('verified').waitFor()
    await slots(page).getByText('qwen3:8b').waitFor()
    await row(page, /^qwen3:8b .*serves default/).waitFor()
    expect(await axe(page)).toEqual([])
    await filter(page).fill('q')
    await ended.getByRole('button', { name: 'Details' }).waitFor()
    expect(await ended.getByText('verified').count()).toBe(0)
    await ended.getByRole('button', { name: 'Close' }).click()
    await ended.waitFor({ state: 'detached' })
  })

  it('says what serves now, what failed in the words of the engine, and what to do, and stays until it is closed', async () => {
    await using window = await open()
    const { page } = window
    await use(page, 'damaged:7b')
    const ended = strip(page, /^llama3\.2:3b serves default, as before\.$/)
    await ended.waitFor()
    const said = (await ended.textContent()) ?? ''
    const order = ['llama3.2:3b serves default', 'damaged:7b could not be used:', 'error loading model', 'may be damaged'].map((one) =>
      said.indexOf(one),
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order[0]).toBeGreaterThanOrEqual(0)
    await page
      .getByRole('status')
      .getByText(/as before\. damaged:7b could not be used:/)
      .waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'rolled-back')
    await filter(page).fill('q')
    await ended.getByText('could not be used').waitFor()
    await ended.getByRole('button', { name: 'Try again' }).click()
    await expect
      .poll(() =>
        scene.yard.switches
          .list()
          .slice(0, 2)
          .map((one) => one.outcome),
      )
      .toEqual(['rolled_back', 'rolled_back'])
    await ended.getByRole('button', { name: 'Close' }).click()
    await ended.waitFor({ state: 'detached' })
    expect(await list(page).evaluate((one) => one.matches(':focus'))).toBe(true)
  })

  it('is cancelled until the cut-over, and what served goes on', async () => {
    await using window = await open()
    const { page } = window
    scene.ollama.shelf.holdLoads()
    await use(page, 'gemma3:12b')
    const running = strip(page, /^Switching default to gemma3:12b$/)
    await running.getByText('loading 8.1 GB').waitFor()
    await running.getByRole('button', { name: 'Cancel' }).click()
    await strip(page, /^Cancelled\. llama3\.2:3b serves default, as before\.$/).waitFor()
    scene.ollama.shelf.releaseLoads()
    await slots(page).getByText('llama3.2:3b').waitFor()
  })

  it('lets a newer choice take the place of one that runs, and says so', async () => {
    await using window = await open()
    const { page } = window
    scene.ollama.shelf.holdLoads()
    await use(page, 'gemma3:12b')
    await strip(page, /to gemma3:12b$/)
      .getByText('loading 8.1 GB')
      .waitFor()
    await use(page, 'qwen3:8b')
    await strip(page, /^Switching default to qwen3:8b$/)
      .getByText('The switch to gemma3:12b gave way to this one.')
      .waitFor()
    scene.ollama.shelf.releaseLoads()
    await strip(page, /^qwen3:8b serves default\.$/).waitFor()
    expect(await page.locator('.switch-strip').count()).toBe(1)
    expect(
      scene.yard.switches
        .list()
        .slice(0, 2)
        .map((one) => one.outcome),
    ).toEqual(['switched', 'superseded'])
  })

  it('is done by keyboard alone', async () => {
    await using window = await open()
    const { page } = window
    await page.keyboard.press('/')
    await page.keyboard.type('gemma')
    await page.keyboard.press('Enter')
    await page.getByText('1 of 6').waitFor()
    expect(await page.locator('.switch-strip').count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByText('6 models').waitFor()
    await page.keyboard.type('qwen3 8b')
    await page.keyboard.press('ArrowDown')
    await row(page, /^qwen3:8b /)
      .and(page.locator('[aria-selected="true"]'))
      .waitFor()
    await page.keyboard.press('Enter')
    await strip(page, /^qwen3:8b serves default\.$/).waitFor()
  })

  it('shows the same to two pages and to a program, whoever began', async () => {
    await using first = await open()
    await using second = await open({ colorScheme: 'dark' })
    const program = createClient({ url: scene.url, token: scene.token })
    scene.ollama.shelf.holdLoads()
    const running = program.slot('default').switch('ollama/qwen3:8b')
    for (const { page } of [first, second])
      await strip(page, /^Switching default to qwen3:8b$/)
        .getByText('loading 5.2 GB')
        .waitFor()
    await using late = await open()
    await strip(late.page, /^Switching default to qwen3:8b$/)
      .getByText('under way')
      .waitFor()
    scene.ollama.shelf.releaseLoads()
    for (const { page } of [first, second, late]) await strip(page, /^qwen3:8b serves default\.$/).waitFor()
    expect(await running).toMatchObject({ outcome: 'switched' })
    await use(second.page, 'gemma3:12b')
    await strip(first.page, /^gemma3:12b serves default\.$/).waitFor()
    expect(await program.slot('default').get()).toMatchObject({ model: 'gemma3:12b' })
  })

  it('knows how a switch ended that ended while the connection was lost', async () => {
    await using window = await open()
    window.allow(/ERR_CONNECTION_REFUSED|WebSocket/)
    const { page } = window
    scene.ollama.shelf.holdLoads()
    await use(page, 'qwen3:8b')
    await strip(page, /^Switching default to qwen3:8b$/)
      .getByText('loading 5.2 GB')
      .waitFor()
    const stopped = scene.stop()
    await page
      .getByText(/Connection lost\./)
      .first()
      .waitFor()
    scene.ollama.shelf.releaseLoads()
    await stopped
    await scene.start()
    await page
      .getByText(/Connection lost\./)
      .first()
      .waitFor({ state: 'detached' })
    await strip(page, /^Cancelled\. llama3\.2:3b serves default, as before\.$|^llama3\.2:3b serves default|^Cancelled\./).waitFor()
    expect(await page.getByRole('region', { name: /^Switching/ }).count()).toBe(0)
  })

  it('moves the slot that is chosen, which the tab remembers', async () => {
    await using window = await open()
    const { page } = window
    await scene.yard.slots.put('code', { policy: 'replace' })
    await slots(page).getByRole('radio', { name: /^code/ }).check()
    await use(page, 'qwen3:8b')
    await strip(page, /^qwen3:8b serves code\.$/).waitFor()
    expect(await scene.yard.slots.get('default')).toMatchObject({ model: 'llama3.2:3b' })
    await page.reload()
    await list(page).waitFor()
    expect(await slots(page).getByRole('radio', { name: /^code/ }).isChecked()).toBe(true)
    expect(await axe(page)).toEqual([])
    await scene.yard.slots.remove('code')
    await slots(page).getByText('code', { exact: true }).waitFor({ state: 'detached' })
  })

  it('narrows by what there is, folds its conditions at 360 pixels, and loses nothing there', async () => {
    await using window = await open({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    const { page } = window
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByLabel('Engine').selectOption('lmstudio')
    await page.getByText('2 of 6').waitFor()
    await page.getByLabel('Ability').selectOption({ index: 1 })
    await page.getByRole('button', { name: 'Filters (2)' }).waitFor()
    await page.getByRole('button', { name: 'Clear all' }).first().click()
    await page.getByText('6 models').waitFor()
    const first = list(page).getByRole('option').first()
    for (const words of ['llama3.2:3b', 'ollama', '2 GB', 'Q4_K_M', 'context 128k', 'tools', 'serves default'])
      await first.getByText(words, { exact: true }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'switch-360-dark')
  })
})

describe('five thousand models', () => {
  it('are one list: its end is a key away, and only what is seen is drawn', async () => {
    await using chromium = await startChromium()
    await using scene = await pageScene({ models: 5000 })
    await using window = await chromium.window()
    const { page } = window
    await scene.signIn(page)
    await page.getByText('5,002 models').waitFor()
    await list(page).focus()
    await page.keyboard.press('End')
    const last = list(page).locator('[aria-posinset="5002"]')
    await last.waitFor()
    expect(await last.getAttribute('aria-selected')).toBe('true')
    expect(await list(page).getAttribute('aria-activedescendant')).toBe(await last.getAttribute('id'))
    expect(await list(page).getByRole('option').count()).toBeLessThan(60)
    expect(await page.evaluate("performance.getEntriesByName('modelyard:list').length")).toBe(1)
    await filter(page).fill('4999')
    await expect.poll(() => list(page).getByRole('option').first().getAttribute('aria-posinset')).toBe('1')
    await expect.poll(() => list(page).getByRole('option').count()).toBeLessThan(5)
  })
})
