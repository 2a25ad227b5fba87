/** Settings, as a person changes them: saved at once, refused in words, and the same in every window. */
import { access, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const announced = (page: Page, words: string) => page.getByRole('status').getByText(words).waitFor()
const region = (page: Page, name: string) => page.getByRole('main').getByRole('region', { name, exact: true })

describe('the settings panel', () => {
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

  const show = async (page: Page): Promise<void> => {
    await page.evaluate("location.hash = '#/settings'")
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  }
  async function open(page: Page): Promise<void> {
    await scene.signIn(page)
    await page.getByRole('region', { name: 'Slots' }).first().waitFor()
    await show(page)
  }

  it('adds a slot, changes it and removes it, and another window sees each of it', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const other = await window.anotherTab()
    await other.goto(`${scene.url}/#/settings`)
    const there = other.getByRole('heading', { name: 'writing', level: 3 })
    await page.getByLabel('Name of the new slot').fill('Writing')
    await page.getByText('A name is 1 to 32 of').waitFor()
    await page.getByLabel('Name of the new slot').fill('writing')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await announced(page, 'The slot writing is there')
    await there.waitFor()

    await page.getByLabel('writing: Making room').selectOption('exclusive')
    await announced(page, 'Saved: writing: Making room')
    await page.getByLabel('writing: A request waits for a model').fill('12.5')
    await page.getByLabel('writing: A request waits for a model').press('Enter')
    await announced(page, 'Saved: writing: A request waits for a model')
    await page.getByLabel('writing: Requests at once').fill('3')
    await page.getByLabel('writing: Requests at once').blur()
    await announced(page, 'Saved: writing: Requests at once')
    expect(scene.yard.slots.get('writing')).toMatchObject({ policy: 'exclusive', queueSeconds: 12.5, maxRequests: 3 })
    await expect.poll(() => other.getByLabel('writing: A request waits for a model').inputValue()).toBe('12.5')

    await page.getByRole('button', { name: 'Remove the slot writing' }).click()
    expect(await axe(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await announced(page, 'The slot writing is removed')
    await there.waitFor({ state: 'detached' })
    expect(scene.yard.slots.list().map(({ slot }) => slot)).toEqual(['default'])
    expect(await page.getByRole('button', { name: 'Remove the slot default' }).count()).toBe(0)
  })

  it('refuses what is no value in words, and keeps what was typed when another window was quicker', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const field = page.getByLabel('default: A model is waited for')
    await field.fill('forever')
    await field.press('Enter')
    await page.getByText('A number is needed here.').waitFor()
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(scene.yard.slots.get('default').drainSeconds).toBe(60)
    await field.fill('30')
    await scene.yard.slots.put('default', { drainSeconds: 45 })
    await page.getByText('It was changed elsewhere to 45 meanwhile.').waitFor()
    expect(await field.inputValue()).toBe('30')
    await field.press('Escape')
    expect(await field.inputValue()).toBe('45')
  })

  it('limits downloads, and says where each value comes from', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const source = (name: string) => region(page, 'Where each value comes from').getByRole('row', { name })
    await source('hub.bytesPerSecond').getByText('default').waitFor()
    expect(await page.getByLabel('Downloads at once').inputValue()).toBe('2')
    await page.getByLabel('Speed of all downloads together').fill('2.5')
    await page.getByLabel('Speed of all downloads together').press('Enter')
    await announced(page, 'Saved: Speed of all downloads together')
    await source('hub.bytesPerSecond').getByText('changed here').waitFor()
    await source('hub.bytesPerSecond').getByText('2500000').waitFor()
    await page.getByLabel('Downloads at once').fill('64')
    await page.getByLabel('Downloads at once').press('Enter')
    await page.getByText('At most 32.').waitFor()
    await page.getByLabel('Speed of all downloads together').fill('')
    await page.getByLabel('Speed of all downloads together').press('Enter')
    await source('hub.bytesPerSecond').getByText('none').waitFor()
  })

  it('mends what was ticked and nothing else, and says what that freed', async () => {
    const folder = join(scene.home, 'library/lab/Left')
    const draft = join(folder, '.modelyard-placing-0123456789ab.part')
    await mkdir(folder, { recursive: true })
    await writeFile(draft, Buffer.alloc(2_000_000, 1))
    await symlink('gone.gguf', join(folder, 'dead.gguf'))
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const check = region(page, 'Check')
    const tick = check.getByRole('checkbox', { name: 'was left by a crash' })
    await tick.check()
    await check.getByRole('button', { name: 'Fix 1' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Together it frees 2 MB.').waitFor()
    expect(await axe(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Fix' }).click()
    await announced(page, '1 is fixed, 2 MB freed')
    await tick.waitFor({ state: 'detached' })
    await expect(access(draft)).rejects.toMatchObject({ code: 'ENOENT' })
    await check.getByRole('checkbox', { name: 'is a link to a file that is gone' }).waitFor()
  })

  it('shows the engines with what they can do, and what is on disk', async () => {
    await using window = await chromium.window({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    const { page } = window
    await open(page)
    const engines = region(page, 'Engines')
    await engines.getByText('ready').first().waitFor()
    await engines.getByText('What it can do').first().click()
    await engines.getByText('loads a model when told').first().waitFor()
    await engines.getByRole('button', { name: 'Look again' }).click()
    await announced(page, 'Looked again: 2 engines are ready')
    await region(page, 'Library and disk')
      .getByText(/GB free|MB free/)
      .first()
      .waitFor()
    await region(page, 'Check').getByText('as it should be').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'settings-narrow-dark')
  })

  it('signs this browser out', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    await screenshot(page, 'settings')
    expect(await axe(page)).toEqual([])
    await region(page, 'About').getByText('signed in as').waitFor()
    await region(page, 'About').getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})
