/** Commands by their names and the keys, in a real browser: what a person sees, by keyboard alone. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const field = (page: Page) => page.getByRole('combobox', { name: 'Command' })
const meant = (page: Page) => page.locator('dialog [role="option"][aria-selected="true"]')

describe('the palette', () => {
  let chromium: Chromium
  let scene: PageScene

  beforeAll(async () => {
    chromium = await startChromium()
    scene = await pageScene()
  })
  afterAll(async () => {
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })

  const open = async (page: Page): Promise<void> => {
    await scene.signIn(page)
    await page.getByRole('option', { name: /qwen3:8b/ }).waitFor()
  }
  const command = async (page: Page, words: string): Promise<void> => {
    await page.keyboard.press('Control+k')
    await field(page).fill(words)
  }

  it('uses a model by its name, and says that it serves', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    await command(page, 'use gemma')
    await expect.poll(() => meant(page).textContent()).toContain('Use gemma3:12b')
    expect(await field(page).getAttribute('aria-activedescendant')).toBe(await meant(page).getAttribute('id'))
    await page.keyboard.press('Enter')
    await field(page).waitFor({ state: 'hidden' })
    await page.getByRole('region', { name: 'Slots' }).getByText('gemma3:12b').waitFor()
    await page
      .getByRole('region', { name: 'Slots' })
      .getByText(/verified/)
      .waitFor()
  })

  it('takes what was typed to the box of Get, with the verb of the command line', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    await command(page, 'pull lab/Cedar')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('main').getByRole('searchbox').inputValue()).toBe('lab/Cedar')
    await command(page, 'go settings')
    await page.keyboard.press('Enter')
    await page.getByRole('main', { name: 'Settings' }).waitFor()
  })

  it('is moved by arrows and closed by Escape, and gives the focus back', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    await page.locator('main').getByRole('searchbox').focus()
    await page.keyboard.press('Control+k')
    await field(page).waitFor()
    const first = await meant(page).textContent()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => meant(page).textContent()).not.toBe(first)
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => meant(page).textContent()).toBe(first)
    await page.keyboard.press('Escape')
    await field(page).waitFor({ state: 'hidden' })
    expect(await page.evaluate('document.activeElement.type')).toBe('search')
  })

  it('leaves alone who types, goes to the filter by /, and shows all keys by ?', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const filter = page.locator('main').getByRole('searchbox')
    await page.keyboard.press('/')
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('search')
    await page.keyboard.type('a/?')
    expect(await filter.inputValue()).toBe('a/?')
    await filter.fill('')
    await filter.blur()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('commands, from anywhere').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'keys')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' })
    await command(page, 'shortcuts')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  })

  it('is opened by its button, and says what cannot be done', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    await page.getByRole('button', { name: /^Commands/ }).click()
    await field(page).fill('zzz qqq')
    await expect.poll(() => meant(page).textContent()).toContain('Get zzz qqq')
    await field(page).fill('get')
    await page.getByRole('option', { name: 'Go to Get' }).waitFor()
  })

  it.each([
    ['light', 1280, 720],
    ['dark', 1280, 720],
    ['light', 360, 740],
  ] as const)('can be used by everybody, %s at %i × %i', async (colorScheme, width, height) => {
    await using window = await chromium.window({ colorScheme, viewport: { width, height } })
    const { page } = window
    await scene.signIn(page)
    await page.getByRole('region', { name: 'Slots' }).waitFor()
    await page.keyboard.press('Control+k')
    await meant(page).waitFor()
    await screenshot(page, `palette-${colorScheme}-${width}`)
    expect(await axe(page)).toEqual([])
  })

  it('says so when its code is not there any more', async () => {
    await using window = await chromium.window()
    window.allow(/ERR_FAILED|dynamically imported/)
    const { page } = window
    await page.route(/settings-panel/, (route) => route.abort())
    await open(page)
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByText('This part could not be loaded').waitFor()
    await page.getByRole('button', { name: 'Reload the page' }).waitFor()
    await page.getByRole('link', { name: 'Models', exact: true }).click()
    await page.getByRole('main', { name: 'Models' }).waitFor()
  })
})
