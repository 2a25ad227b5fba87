/** The page without a mouse: everything that it is for is done by keys, the focus is seen, never lost, and everything has a name. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chromium, startChromium, type Window } from '../../support/chromium.ts'
import { focused, focusIsSeen } from '../../support/page-measures.ts'
import { repos } from '../../support/page-models.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'
import { panelScreens, show } from '../../support/screens.ts'

const slots = (page: Page) => page.getByRole('region', { name: 'Slots' })
const isFocused = (one: Locator): Promise<boolean> => one.evaluate((element) => element.matches(':focus'))

/** Tab until it has the focus; each stop on the way can be seen. */
async function tabTo(page: Page, wanted: Locator, key = 'Tab'): Promise<void> {
  await wanted.waitFor()
  for (let presses = 0; presses < 80; presses += 1) {
    if (await isFocused(wanted)) return
    await page.keyboard.press(key)
    if ((await focused(page)) !== '') expect([await focused(page), await focusIsSeen(page)]).toEqual([await focused(page), true])
  }
  throw new Error(`never got to ${wanted}; the focus is on ${await focused(page)}`)
}

describe('by keyboard alone', () => {
  let chromium: Chromium
  let scene: PageScene
  beforeAll(async () => {
    ;[chromium, scene] = await Promise.all([startChromium(), pageScene()])
    await scene.yard.slot('default').switch('ollama/llama3.2:3b')
  })
  afterAll(async () => {
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })

  async function signedIn(): Promise<Window> {
    const window = await chromium.window()
    await scene.signIn(window.page)
    await slots(window.page).waitFor()
    return window
  }

  it('signs in, filters with a slash, and switches with arrows and Enter', async () => {
    await using window = await chromium.window()
    const { page } = window
    await page.goto(scene.url)
    await tabTo(page, page.getByLabel('Link or code'))
    await page.keyboard.insertText(`${scene.url}/#code=${await scene.code()}`)
    await page.keyboard.press('Enter')
    await page.getByRole('option', { name: /qwen3:8b/ }).waitFor()
    await page.keyboard.press('/')
    expect(await isFocused(page.getByRole('searchbox', { name: 'Filter models' }))).toBe(true)
    await page.keyboard.type('qwen3')
    await page.getByText('2 of 6').first().waitFor()
    await page.keyboard.press('ArrowDown')
    const list = page.getByRole('listbox', { name: 'Models' })
    expect(await isFocused(list)).toBe(true)
    expect(await focusIsSeen(page)).toBe(true)
    while (!/qwen3:8b/.test((await page.getByRole('listbox').getByRole('option', { selected: true }).textContent()) ?? '')) {
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'qwen3:8b serves default.' }).waitFor()
    expect(await focused(page)).not.toBe('')
    expect(scene.yard.slots.list()[0]?.ref).toBe('ollama/qwen3:8b')
  })

  it('gets a model: finds it, chooses among its quantizations, begins', async () => {
    await using window = await signedIn()
    const { page } = window
    await tabTo(page, page.getByRole('link', { name: 'Get', exact: true }))
    await page.keyboard.press('Enter')
    await tabTo(page, page.getByRole('searchbox', { name: 'What to get' }))
    await page.keyboard.type(repos.many)
    await page.keyboard.press('Enter')
    await page.getByRole('radio', { name: /Q8_0/ }).waitFor()
    await tabTo(page, page.getByRole('radio', { name: /Q8_0/ }))
    await page.keyboard.press('ArrowUp')
    const get = page.getByRole('button', { name: /^Get · Q6_K/ })
    await get.and(page.locator('[aria-disabled="false"]')).waitFor()
    await tabTo(page, get)
    await page.keyboard.press('Enter')
    await page.getByRole('listitem').filter({ hasText: repos.many }).getByText('verified: it answered').first().waitFor()
    expect(await focused(page)).not.toBe('')
  })

  it('removes a model; Escape leaves the dialog, and the focus is where it was', async () => {
    await using window = await signedIn()
    const { page } = window
    await page.goto(`${scene.url}/#/models`)
    const list = page.getByRole('listbox')
    await tabTo(page, list)
    await page.keyboard.press('End')
    while (!/gemma3:12b/.test((await page.getByRole('listbox').getByRole('option', { selected: true }).textContent()) ?? '')) {
      await page.keyboard.press('ArrowUp')
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'gemma3:12b', level: 1 }).waitFor()
    const remove = page.getByRole('button', { name: 'Remove' })
    await tabTo(page, remove)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Remove gemma3:12b?' })
    await dialog.waitFor()
    expect(await isFocused(dialog.getByRole('button', { name: 'Cancel' }))).toBe(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => isFocused(remove)).toBe(true)
    await page.keyboard.press('Enter')
    const foreign = dialog.getByRole('checkbox')
    await dialog.getByText('This goes').or(foreign).first().waitFor()
    if (await foreign.count()) {
      await tabTo(page, foreign)
      await page.keyboard.press('Space')
    }
    await tabTo(page, dialog.getByRole('button', { name: /^Remove/ }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    await page.getByRole('option', { name: /gemma3:12b/ }).waitFor({ state: 'detached' })
    expect(await focused(page)).not.toBe('')
  })

  it('skips what is on every screen', async () => {
    await using window = await signedIn()
    const { page } = window
    await page.keyboard.press('Tab')
    expect(await focused(page)).toContain('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await isFocused(page.getByRole('main'))).toBe(true)
  })

  it('is told a name by every control of every screen', async () => {
    await using window = await signedIn()
    const { page } = window
    const nameless: string[] = []
    for (const screen of panelScreens) {
      await show(page, screen)
      const tree = await page.locator('body').ariaSnapshot()
      expect(tree, screen.name).toMatch(/- (?:link|button) "/)
      // A control without a name is its role alone on a line.
      const found =
        tree.match(/^\s*- (?:button|link|textbox|searchbox|combobox|checkbox|radio|listbox|progressbar|dialog|table)(?: \[.*\])?:?$/gm) ??
        []
      nameless.push(...found.map((line) => `${screen.name}: ${line.trim()}`))
    }
    expect(nameless).toEqual([])
  })
})
