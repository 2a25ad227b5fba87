/** Connecting an app, as a person does it: a token made on the spot, the lines to paste, and its end. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const announced = (page: Page, words: string) => page.getByRole('status').getByText(words).waitFor()
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const client = (page: Page) => page.getByLabel('Client', { exact: true })

describe('the connect panel', () => {
  let chromium: Chromium
  let scene: PageScene

  beforeAll(async () => {
    chromium = await startChromium()
    scene = await pageScene()
    await scene.yard.slot('default').switch('ollama/qwen3:8b')
  })
  afterAll(async () => {
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })

  async function open(page: Page): Promise<void> {
    await scene.signIn(page)
    await region(page, 'Slots').waitFor()
    await page.getByRole('link', { name: 'Connect' }).first().click()
    await page.getByRole('heading', { name: 'Connect an app', level: 1 }).waitFor()
  }
  const asks = (token: string): Promise<Response> =>
    fetch(`${scene.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'default', messages: [{ role: 'user', content: 'Hello' }] }),
    })

  it('makes a token that is shown once, opens the gateway, stands in the lines, and ends when it is revoked', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const setup = region(page, 'Set up a client')
    await client(page).selectOption('cline')
    expect(await setup.getByText('YOUR-TOKEN', { exact: true }).isVisible()).toBe(true)
    expect(await page.getByLabel('Name of the token').inputValue()).toBe('cline')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await announced(page, 'The token cline is made')
    const token = (await setup.locator('.note code').textContent()) ?? ''
    expect(token).toMatch(/^mdy_/)
    expect(await setup.getByRole('row', { name: 'API Key' }).locator('code').textContent()).toBe(token)
    expect(await setup.getByRole('row', { name: 'Base URL' }).locator('code').textContent()).toBe(`${scene.url}/v1`)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'connect')
    expect([page.url(), await page.evaluate('JSON.stringify(localStorage)')].join()).not.toContain(token)

    const answer = await asks(token)
    expect([answer.status, answer.headers.get('x-modelyard-model')]).toEqual([200, 'ollama/qwen3:8b'])
    await answer.body?.cancel()

    const row = region(page, 'Tokens').getByRole('row', { name: 'cline' })
    await row.getByRole('button', { name: 'Revoke cline' }).click()
    await page.getByRole('dialog').getByText('what runs with it ends at once').waitFor()
    expect(await axe(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect((await asks(token)).status).toBe(200)
    await row.getByRole('button', { name: 'Revoke cline' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await announced(page, 'cline is revoked')
    await row.waitFor({ state: 'detached' })
    expect((await asks(token)).status).toBe(401)
    expect(await page.content()).not.toContain(token)
  })

  it('forgets a token when it is left, and suggests another name then', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    await client(page).selectOption('aider')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await announced(page, 'The token aider is made')
    const token = (await page.locator('.client-setup .note code').textContent()) ?? ''
    await page.getByRole('link', { name: 'Settings' }).first().click()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'Connect' }).first().click()
    await region(page, 'Tokens').getByRole('row', { name: 'aider' }).waitFor()
    await client(page).selectOption('aider')
    expect(await page.getByLabel('Name of the token').inputValue()).toBe('aider-2')
    expect(await page.content()).not.toContain(token)
  })

  it('says what is wrong with a name, and makes nothing', async () => {
    await using window = await chromium.window()
    const { page } = window
    await open(page)
    const before = scene.yard.tokens.list().length
    for (const [name, why] of [
      ['My App', 'A name is 1 to 64 of'],
      ['aider', 'There is a token of this name'],
    ] as const) {
      await page.getByLabel('Name of the token').fill(name)
      await page.getByText(why).waitFor()
      await page.getByLabel('Name of the token').press('Enter')
    }
    expect(scene.yard.tokens.list()).toHaveLength(before)
  })

  it('copies an address and lines as they are, for each client of the list', async () => {
    await using window = await chromium.window()
    const { page, context } = window
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open(page)
    const copied = (): Promise<string> => page.evaluate('navigator.clipboard.readText()')
    await page.getByRole('button', { name: 'Copy the address for OpenAI clients' }).click()
    await announced(page, 'Copied')
    expect(await copied()).toBe(`${scene.url}/v1`)
    const ids = await client(page)
      .locator('option')
      .evaluateAll((options) => options.map((one) => (one as unknown as { value: string }).value))
    expect(ids).toHaveLength(12)
    for (const id of ids) {
      await client(page).selectOption(id)
      expect((await page.locator('.client-setup .piece').allTextContents()).join()).toContain(new URL(scene.url).host)
      const piece = page.locator('.client-setup .piece').first()
      await piece.getByRole('button').first().click()
      await piece.getByText('Copied').waitFor()
      expect(await copied()).toBe(await piece.locator('code').first().textContent())
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    }
  })

  it('marks its own token, and adds the slot that a client needs', async () => {
    await using window = await chromium.window({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    const { page } = window
    await scene.signIn(page)
    await region(page, 'Slots').waitFor()
    await page.evaluate("location.hash = '#/connect'")
    await region(page, 'Tokens').getByText('this browser').waitFor()
    await client(page).selectOption('claude-code')
    await page.getByRole('button', { name: 'Add the slot code' }).click()
    await announced(page, 'The slot code is there')
    expect(scene.yard.slots.list().map(({ slot }) => slot)).toContain('code')
    await page.getByText('ANTHROPIC_MODEL=code').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'connect-narrow-dark')
  })
})
