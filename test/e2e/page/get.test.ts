/** Getting models as a person sees it: in a real browser, against the real service with a Hub and engines of our own. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../../src/client/index.ts'
import type { SettingsPatch } from '../../../src/contract/index.ts'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window } from '../../support/chromium.ts'
import { repos } from '../../support/page-models.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

/** What a refused connection says on the console is no fault of the page. */
const refused = /ERR_CONNECTION_REFUSED|WebSocket/
/** Bytes a second: whoever looks sees it move; and by the other nothing ends before it is lifted. */
const slow = 1_000_000
const nearlyNone = 1024

const box = (page: Page) => page.getByRole('searchbox', { name: 'What to get' })
const group = (page: Page, name: string) => page.getByRole('region', { name })
const row = (page: Page, name: string) => group(page, 'Downloads').getByRole('listitem').filter({ hasText: name })
const bar = (page: Page, name: string) => row(page, name).getByRole('progressbar')
const getButton = (page: Page) => page.getByRole('button', { name: /^Get · / })

describe('getting models on the page', { timeout: 90_000 }, () => {
  let chromium: Chromium
  let scene: PageScene

  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())
  beforeEach(async () => {
    scene = await pageScene()
    return () => scene[Symbol.asyncDispose]()
  })

  /** Signed in, at this place of the panel. */
  async function at(place: string, options: Parameters<Chromium['window']>[0] = {}): Promise<Window> {
    const window = await chromium.window(options)
    await scene.signIn(window.page)
    await window.page.getByRole('region', { name: 'Slots' }).waitFor()
    await go(window.page, place)
    return window
  }
  const go = (page: Page, place: string): Promise<unknown> => page.goto(`${scene.url}/#/${place}`)
  const limit = (bytesPerSecond: number | null): Promise<unknown> =>
    createClient(scene).updateSettings({ hub: { bytesPerSecond } } satisfies SettingsPatch)

  async function start(page: Page, repo: string, quantization: string): Promise<void> {
    await go(page, `get/${repo}/${quantization}`)
    await getButton(page).filter({ hasText: quantization }).and(page.locator('[aria-disabled="false"]')).click()
    await bar(page, quantization).waitFor()
  }
  /** Some of it has come, and no more does. */
  async function begin(page: Page, repo: string, quantization: string): Promise<void> {
    await limit(slow)
    await start(page, repo, quantization)
    await row(page, quantization)
      .getByText(/^[1-9][\d.]* MB of/)
      .waitFor()
    await limit(nearlyNone)
  }

  it('reads anything in one box: words, a repository, an address, a name of an engine', async () => {
    await using window = await at('get')
    const { page } = window
    await group(page, 'From the catalogue').getByRole('link', { name: 'Qwen3 8B' }).waitFor()
    await group(page, 'From the Hub').getByText('Type two letters or more').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'get')

    await box(page).fill('lab')
    await group(page, 'From the Hub').getByRole('link', { name: repos.many }).waitFor()
    expect(await group(page, 'From the Hub').getByRole('listitem').count()).toBe(3)
    await group(page, 'From an engine').getByRole('link', { name: 'lab from ollama' }).waitFor()
    await group(page, 'From the catalogue').getByText('Nothing in the catalogue is like that.').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'get-search')

    await box(page).fill('nothing like this')
    await group(page, 'From the Hub').getByText('The Hub has no GGUF repository like “nothing like this”.').waitFor()
    await box(page).fill('qwen3:8b')
    await group(page, 'From the catalogue').getByRole('link', { name: 'Qwen3 8B' }).waitFor()
    await page.getByRole('button', { name: 'Open Qwen3 8B' }).waitFor()
    await box(page).fill('https://evil.example/a/b')
    await page.getByText('Only addresses of the Hub are understood.').waitFor()

    await box(page).fill(`https://huggingface.co/${repos.many}:q8_0`)
    await box(page).press('Enter')
    await page.getByRole('heading', { name: repos.many }).waitFor()
    expect(await page.getByRole('radio', { name: /Q8_0/ }).isChecked()).toBe(true)
    await page.getByRole('link', { name: 'Back to the search' }).click()
    expect(await box(page).inputValue()).toContain(repos.many)
  })

  it('says before a byte what it takes, asks again with every choice, and names on the button what is fetched', async () => {
    await using window = await at(`get/${repos.many}`)
    const { page } = window
    const table = page.getByRole('table', { name: 'Quantizations' })
    await table.getByRole('row', { name: /Q8_0/ }).getByText('Recommended').waitFor()
    expect(await table.getByRole('radio').count()).toBe(5)
    await getButton(page)
      .filter({ hasText: /Get · Q8_0 · 6\.\d MB/ })
      .waitFor()
    await page.getByText(/6\.\d MB of .* free at/).waitFor()
    await page.getByText('licence apache-2.0').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'get-repository')

    await table.getByRole('radio', { name: 'Q4_K_M' }).check()
    await getButton(page)
      .filter({ hasText: /Get · Q4_K_M · 3\.\d MB/ })
      .waitFor()
    expect(page.url()).toContain('/Q4_K_M')
    const plan = group(page, 'What will be done')
    await plan.getByRole('checkbox', { name: 'ollama' }).check()
    await plan.getByText(/by its own pull/).waitFor()
    await plan.getByLabel('Afterwards').selectOption('leave the slots as they are')
    await plan.getByLabel('Limit in MB/s').fill('fast')
    await plan.getByText('A number of megabytes a second').waitFor()
    expect(await getButton(page).getAttribute('aria-disabled')).toBe('true')
    await plan.getByLabel('Limit in MB/s').fill('50')
    await getButton(page).and(page.locator('[aria-disabled="false"]')).click()
    await row(page, 'Q4_K_M').getByText('verified: it answered').nth(1).waitFor()
    const [job] = await createClient(scene).jobs.list()
    expect(job?.result?.refs.map(({ ref }) => ref.split('/')[0]).sort()).toEqual(['lmstudio', 'ollama'])
    expect(scene.yard.slots.list().map(({ ref }) => ref)).toEqual([undefined])
  })

  it('shows progress that is still there after a reload, in the title too, and what came of it', async () => {
    await using window = await at('get')
    const { page } = window
    await begin(page, repos.many, 'Q8_0')
    await row(page, 'Q8_0')
      .getByText(/^[1-9][\d.]* MB of 6\.\d MB/)
      .waitFor()
    await expect.poll(() => page.title()).toMatch(/^\d+% · .* of 6\.\d MB – Get – Modelyard$/)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'get-download')
    await page.reload()
    await row(page, 'Q8_0')
      .getByText(/^[1-9][\d.]* MB of 6\.\d MB/)
      .waitFor()
    await limit(null)
    await row(page, 'Q8_0').getByText('verified: it answered').waitFor()
    await expect.poll(() => page.title()).toBe('Get – Modelyard')
    await row(page, 'Q8_0').getByText('serves default').waitFor()
    await row(page, 'Q8_0')
      .getByRole('link', { name: /^Show / })
      .waitFor()
    expect(await axe(page)).toEqual([])
    await row(page, 'Q8_0')
      .getByRole('button', { name: /^Hide / })
      .click()
    await group(page, 'Downloads').waitFor({ state: 'detached' })
    await page.reload()
    await box(page).waitFor()
    expect(await group(page, 'Downloads').count()).toBe(0)
    expect(await createClient(scene).jobs.list()).toHaveLength(1)
  })

  it('pauses and resumes one while the other goes on', async () => {
    await using window = await at('get')
    const { page } = window
    await begin(page, repos.many, 'Q4_K_M')
    await start(page, repos.one, 'Q4_0')
    await bar(page, 'Q4_K_M').waitFor()
    await row(page, 'Q4_K_M')
      .getByRole('button', { name: /^Pause / })
      .click()
    await row(page, 'Q4_K_M').getByText('paused').waitFor()
    await limit(null)
    await row(page, 'Q4_0').getByText('verified: it answered').waitFor()
    await row(page, 'Q4_K_M').getByText('paused').waitFor()
    await row(page, 'Q4_K_M')
      .getByRole('button', { name: /^Resume / })
      .click()
    await row(page, 'Q4_K_M').getByText('verified: it answered').waitFor()
  })

  it('asks what becomes of the bytes when a download is cancelled, and does that', async () => {
    await using window = await at('get')
    const { page } = window
    const { jobs } = createClient(scene)
    const left = async (quantization: string): Promise<number> => (await jobs.preflight({ repo: repos.many, quantization })).downloadBytes
    for (const [quantization, button, keeps] of [
      ['Q8_0', 'Cancel and keep them', true],
      ['Q6_K', 'Cancel and remove them', false],
    ] as const) {
      const whole = await left(quantization)
      await begin(page, repos.many, quantization)
      await bar(page, quantization).waitFor()
      await row(page, quantization)
        .getByRole('button', { name: /^Cancel / })
        .click()
      const dialog = page.getByRole('dialog', { name: /^Cancel lab/ })
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await bar(page, quantization).waitFor()
      await row(page, quantization)
        .getByRole('button', { name: /^Cancel / })
        .click()
      await dialog.getByRole('button', { name: button }).click()
      await row(page, quantization).getByText('cancelled').waitFor()
      await limit(null)
      expect((await left(quantization)) < whole).toBe(keeps)
    }
    await row(page, 'Q8_0')
      .getByRole('button', { name: /^Try again / })
      .click()
    await row(page, 'Q8_0').getByText('verified: it answered').waitFor()
  })

  it('says of a repository behind terms where to accept them and what the service needs', async () => {
    await using window = await at('get')
    const { page } = window
    await box(page).fill(repos.gated)
    await box(page).press('Enter')
    await page.getByRole('heading', { name: repos.gated }).waitFor()
    const plan = group(page, 'What will be done')
    await plan.getByText('This repository asks for its terms to be accepted').waitFor()
    const link = plan.getByRole('link', { name: 'Open the page and accept' })
    expect(await link.getAttribute('href')).toBe(`${scene.hub.url}/${repos.gated}`)
    expect(await link.getAttribute('rel')).toBe('noreferrer noopener')
    await plan.getByText('hf auth login').waitFor()
    expect(await getButton(page).count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'get-gated')
  })

  it('goes on when the service was started again while the page was open', async () => {
    await using window = await at('get')
    window.allow(refused)
    const { page } = window
    await begin(page, repos.many, 'Q8_0')
    await bar(page, 'Q8_0').waitFor()
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }))
    await scene.stop()
    await page
      .getByText(/Connection lost/)
      .first()
      .waitFor()
    await scene.start()
    await page
      .getByText(/Connection lost/)
      .first()
      .waitFor({ state: 'detached' })
    await bar(page, 'Q8_0').waitFor()
    await limit(null)
    await row(page, 'Q8_0').getByText('verified: it answered').waitFor()
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true)
  })

  it('says what the Hub refused: asked too often, not there, not reached', async () => {
    await using window = await at('get')
    const { page } = window
    const hub = group(page, 'From the Hub')
    scene.hub.faults.add({ path: '/api/models*', fault: { kind: 'status', status: 429, headers: { 'retry-after': '30' } }, times: 1 })
    await box(page).fill('lab')
    await hub.getByText(/The Hub has had too many requests from here\. Try again in 30 sec/).waitFor()
    await hub.getByRole('button', { name: 'Try again' }).click()
    await hub.getByRole('link', { name: repos.many }).waitFor()
    await go(page, 'get/nobody/Nothing-GGUF')
    await page.getByText('nobody/Nothing-GGUF could not be read').waitFor()
    await go(page, 'get')
    await scene.hub.close()
    await box(page).fill('lab two')
    await hub.getByText('The Hub cannot be reached.').waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('is whole at 360 pixels, at 200 % and in the dark', async () => {
    for (const options of [
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const },
      { viewport: { width: 1280, height: 800 }, zoom: 2 },
    ]) {
      await using window = await at(`get/${repos.many}`, options)
      const { page } = window
      await getButton(page).waitFor()
      expect(await axe(page)).toEqual([])
      expect(await page.evaluate('document.querySelector("main").scrollWidth - document.querySelector("main").clientWidth')).toBe(0)
      await screenshot(page, options.zoom ? 'get-repository-200' : 'get-repository-360')
      await go(page, 'get')
      await box(page).fill('qwen')
      await group(page, 'From the catalogue').getByRole('link', { name: 'Qwen3 8B' }).waitFor()
      expect(await page.evaluate('document.querySelector("main").scrollWidth - document.querySelector("main").clientWidth')).toBe(0)
      expect(await axe(page)).toEqual([])
    }
  })
})
