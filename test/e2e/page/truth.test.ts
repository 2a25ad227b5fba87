/** Two pages, the command line, the SDK and a service that dies: whoever looks sees the same, and what is so. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../../src/client/index.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { repos } from '../../support/page-models.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'
import { program, serviceProcess } from '../../support/service-process.ts'

const slots = (page: Page) => page.getByRole('region', { name: 'Slots' })
const option = (page: Page, name: RegExp) => page.getByRole('option', { name })
const strip = (page: Page, name: RegExp) => page.getByRole('region', { name })
const job = (page: Page, name: string) => page.getByRole('region', { name: 'Downloads' }).getByRole('listitem').filter({ hasText: name })
/** What a lost connection says on the console is no fault of the page. */
const refused = /ERR_CONNECTION_REFUSED|WebSocket/
const stay = (page: Page) => page.evaluate('globalThis.notReloaded = true')
const stayed = (page: Page) => page.evaluate('globalThis.notReloaded === true')

describe('what is shown is so', () => {
  let chromium: Chromium
  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())

  describe('on two pages, and beside the SDK', () => {
    let scene: PageScene
    beforeAll(async () => {
      scene = await pageScene({ embedded: ['maple'] })
      await scene.yard.slot('default').switch('ollama/qwen3:8b')
    })
    afterAll(() => scene?.[Symbol.asyncDispose]())

    async function signedIn() {
      const window = await chromium.window()
      await scene.signIn(window.page)
      await option(window.page, /qwen3:8b/).waitFor()
      return window
    }

    it('a switch begun on one page is seen on the other, and cancelled from there', async () => {
      await using one = await signedIn()
      await using other = await signedIn()
      scene.ollama.shelf.holdLoads()
      try {
        await option(one.page, /llama3.2:3b/).dblclick()
        await Promise.all([one, other].map(({ page }) => strip(page, /^Switching default to llama3.2:3b/).waitFor()))
        await other.page.getByRole('button', { name: 'Cancel' }).click()
        await Promise.all([one, other].map(({ page }) => strip(page, /^Cancelled\. qwen3:8b serves default/).waitFor()))
      } finally {
        scene.ollama.shelf.releaseLoads()
      }
      await option(one.page, /gemma3:12b/).dblclick()
      await Promise.all([one, other].map(({ page }) => slots(page).getByText('gemma3:12b').waitFor()))
      expect((await createClient(scene).slot('default').get()).model).toBe('gemma3:12b')
    })

    it('a switch, a slot and a pin of the SDK are on the page at once, and go from it', async () => {
      await using window = await signedIn()
      const { page } = window
      const client = createClient(scene)
      await client.slot('default').switch('ollama/qwen3:8b')
      await slots(page).getByText('qwen3:8b').waitFor()
      await client.slots.put('night', {})
      await slots(page).getByText('night').waitFor()
      await client.slot('night').switch('lmstudio/qwen/qwen3-4b')
      await slots(page).getByText('qwen/qwen3-4b').waitFor()
      await client.slots.remove('night')
      await slots(page).getByText('night').waitFor({ state: 'detached' })
      expect(await slots(page).getByText('qwen/qwen3-4b').count()).toBe(0)
    })

    it('a slot and a model that go away while they are looked at leave a page that works', async () => {
      await using window = await signedIn()
      const { page } = window
      const client = createClient(scene)
      await client.slots.put('brief', {})
      await slots(page).getByText('brief').waitFor()
      await page.goto(`${scene.url}/#/models/${encodeURIComponent('ollama/gemma3:12b')}`)
      await page.getByRole('heading', { name: 'gemma3:12b', level: 1 }).waitFor()
      await client.slots.remove('brief')
      await client.models.remove('ollama/gemma3:12b', { foreign: true })
      await page.getByText('This model is not here').waitFor()
      await page.getByRole('link', { name: 'Switch' }).first().click()
      await option(page, /qwen3:8b/).waitFor()
      expect(await option(page, /gemma3:12b/).count()).toBe(0)
    })

    it('a switch on real llama.cpp shows the text that the model answered', async () => {
      await using window = await signedIn()
      const { page } = window
      await option(page, /^maple|Maple/).dblclick()
      await page.getByText(/It answered: “(?:maple)+/).waitFor()
      await slots(page).getByText(/maple/i).first().waitFor()
      await screenshot(page, 'real-switch')
    }, 60_000)

    it('a service that was started anew has another history, and the page shows that one', async () => {
      await using window = await signedIn()
      window.allow(refused)
      const { page } = window
      await stay(page)
      await scene.stop()
      await page.getByText('Connection lost').first().waitFor()
      await scene.start()
      await page.getByText('Connection lost').first().waitFor({ state: 'detached' })
      await createClient(scene).slot('default').switch('ollama/llama3.2:3b')
      await slots(page).getByText('llama3.2:3b').waitFor()
      expect(await stayed(page)).toBe(true)
    })
  })

  it('a service killed in the middle of a download is missed, and found again with its job, without a reload', async () => {
    await using service = await serviceProcess()
    const command = (...args: string[]) => spawn(process.execPath, [program, ...args], { env: service.env, stdio: 'ignore' })
    const ended = (child: ChildProcess) => once(child, 'close')
    const limit = (bytesPerSecond: number | null) => createClient(service).updateSettings({ hub: { bytesPerSecond } })
    await limit(200_000)
    await using window = await chromium.window()
    window.allow(refused)
    const { page } = window
    await service.signIn(page)
    await slots(page).waitFor()
    await page.goto(`${service.url}/#/get`)
    await stay(page)
    const pull = command('pull', `${repos.many}:Q8_0`, '--into', 'ollama', '--no-use')
    const measure = job(page, repos.many).getByText(/ of 6\.\d MB/)
    await measure.waitFor()
    const gone = ended(pull)
    pull.kill('SIGKILL')
    await Promise.all([gone, service.kill()])
    await page.getByText('Connection lost').first().waitFor()
    await service.start()
    await page.getByText('Connection lost').first().waitFor({ state: 'detached' })
    const before = await measure.textContent()
    await expect.poll(() => measure.textContent()).not.toBe(before)
    await limit(null)
    await job(page, repos.many).getByText('verified: it answered').waitFor()
    expect((await ended(command('use', 'ollama/qwen3:8b')))[0]).toBe(0)
    await slots(page).getByText('qwen3:8b').waitFor()
    expect(await stayed(page)).toBe(true)
  }, 60_000)
})
