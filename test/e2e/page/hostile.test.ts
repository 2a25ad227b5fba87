/** What others wrote, shown as what it is: text. Nothing of it runs, nobody is asked for it, and the page stays in shape. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../../src/client/index.ts'
import type { FakeModel } from '../../../src/testing/fakes/fake-models.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { type Chromium, screenshot, startChromium, type Window } from '../../support/chromium.ts'
import { cutWords, sticksOut } from '../../support/page-measures.ts'
import { libraryPathOf } from '../../support/page-models.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const script = '<script>globalThis.ran=1</script><img src=x onerror="globalThis.ran=1"><svg/onload=globalThis.ran=1>'
const links = '[a](javascript:globalThis.ran=1) <a href="data:text/html,x">b</a> javascript:globalThis.ran=1'
const codes = '\u001b[31mred\u001b[0m\u001b]8;;http://evil.example\u0007link\u0007\u0000\u0008'
const marks = '\u202Egnp.exe\u2066\u200B\uFEFF\u2069\u200F'
const half = 'half \uD83D pair'
const big = `big ${'W'.repeat(2 ** 20)}`
const long = 'long '.repeat(4000)
const all = [script, links, codes, marks, half].join(' ')
const notForTheEye = /[\u0000-\u0008\u001b\u200b\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

/** Serves while the page is looked at. */
const served = `served ${script}`

const models: readonly FakeModel[] = [
  { name: served, sizeBytes: 1e9 },
  { name: 'loud:1b', sizeBytes: 1e9, family: all, quantization: script, parameters: marks },
  ...[script, links, codes, marks, half, big].map((name) => ({ name, sizeBytes: 1e9, family: name, quantization: name.slice(0, 100) })),
]

const slots = (page: Page) => page.getByRole('region', { name: 'Slots' })

describe('hostile data', () => {
  let chromium: Chromium
  let scene: PageScene

  beforeAll(async () => {
    const files = [{ path: 'evil-Q4_0.gguf', content: tinyGguf({ name: all, chatTemplate: `{{ messages }} ${all} ${long}` }) }]
    const evil = { repo: 'lab/Evil-GGUF', licence: all, pipeline: script, gguf: { architecture: `${links} ${big}`, total: 1000 }, files }
    ;[chromium, scene] = await Promise.all([
      startChromium(),
      pageScene({ models: 0, embedded: ['maple'], ollama: { models }, hub: { repositories: [evil] } }),
    ])
    const path = join(scene.home, 'library', libraryPathOf('evil'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, files[0]?.content ?? '')
    await createClient(scene).detect()
    expect(await scene.yard.slot('default').switch(`ollama/${served}`)).toMatchObject({ outcome: 'switched' })
  })
  afterAll(async () => {
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })

  /** Closing it complains about errors, about what the policy forbade, and about requests to others. */
  async function signedIn(viewport = { width: 1280, height: 800 }): Promise<Window> {
    const window = await chromium.window({ viewport })
    window.page.setDefaultTimeout(8000)
    window.page.on('dialog', (dialog) => {
      throw new Error(`a dialog: ${dialog.message()}`)
    })
    await scene.signIn(window.page)
    await slots(window.page).waitFor()
    return window
  }
  const go = (page: Page, hash: string): Promise<unknown> => page.evaluate(`location.hash = ${JSON.stringify(hash)}`)

  /** It is text, not much of it, within its box, and whatever can be followed leads to where it may. */
  async function expectHarmless(page: Page, name: string): Promise<void> {
    await screenshot(page, `hostile-${name}`)
    expect(await page.evaluate('globalThis.ran'), name).toBeUndefined()
    const hrefs = (await page.evaluate("[...document.querySelectorAll('[href]')].map((one) => one.href)")) as string[]
    expect(
      hrefs.filter((one) => !one.startsWith(`${scene.url}/`) && !one.startsWith('https://') && !one.startsWith(scene.hub.url)),
    ).toEqual([])
    expect(await page.evaluate("document.querySelectorAll('#page script, #page img, #page iframe, #page object').length"), name).toBe(0)
    const said = (await page.evaluate('document.body.innerText')) as string
    expect(said.length, `${name}: what it draws`).toBeLessThan(100_000)
    expect(notForTheEye.exec(said), name).toBeNull()
    expect([...(await sticksOut(page)), ...(await cutWords(page))], name).toEqual([])
  }

  it.each([
    ['wide', { width: 1280, height: 800 }],
    ['narrow', { width: 360, height: 740 }],
  ] as const)(
    'of engines is shown as text on a %s page: in lists, on a page of its own, as the error of a switch',
    async (size, viewport) => {
      await using window = await signedIn(viewport)
      const { page } = window
      const evil = page.getByRole('listbox').getByRole('option', { name: /^<script>globalThis\.ran=1<\/script>/ })
      await evil.waitFor()
      await expectHarmless(page, `switch-${size}`)
      await evil.click()
      await expectHarmless(page, `chosen-${size}`)
      scene.ollama.faults.add({
        path: '/api/generate',
        model: 'loud:1b',
        fault: { kind: 'status', status: 500, body: { error: `${all} ${big}` } },
      })
      await page
        .getByRole('listbox')
        .getByRole('option', { name: /loud:1b/ })
        .dblclick()
      await page.getByText('loud:1b could not be used').first().waitFor()
      await expectHarmless(page, `rolled-back-${size}`)
      scene.ollama.faults.clear()
      await go(page, '#/models')
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
      await page
        .getByRole('option', { name: /^served/ })
        .first()
        .waitFor()
      await expectHarmless(page, `models-${size}`)
      for (const name of [script, links, marks, 'loud:1b', big.slice(0, 3000)]) {
        await go(page, `#/models/${encodeURIComponent(`ollama/${name}`)}`)
        await page.getByText('All models').waitFor()
        await page.getByRole('heading', { level: 1 }).waitFor()
        await expectHarmless(page, `model-${size}`)
      }
      await go(page, '#/activity')
      await page.getByText('rolled back').first().waitFor()
      await page.getByText('rolled back').first().click()
      await expectHarmless(page, `activity-${size}`)
    },
  )

  it('of a file is shown as text: its name and its template', async () => {
    await using window = await signedIn()
    const { page } = window
    await go(page, `#/models/${encodeURIComponent('embedded/lab/Evil-GGUF/evil-Q4_0')}`)
    await page.getByText('Chat template').first().waitFor()
    await page.getByText('Chat template').first().click()
    await page.getByText('{{ messages }} <script>').first().waitFor()
    await expectHarmless(page, 'template')
  })

  it('of the Hub is shown as text: licence, architecture, what is found, and the plan', async () => {
    await using window = await signedIn({ width: 360, height: 740 })
    const { page } = window
    await go(page, '#/get')
    await page.getByRole('searchbox', { name: 'What to get' }).fill('evil')
    await page.getByRole('link', { name: 'lab/Evil-GGUF' }).waitFor()
    await expectHarmless(page, 'search')
    await go(page, '#/get/lab/Evil-GGUF/Q4_0')
    await page.getByText('To fetch', { exact: true }).waitFor()
    await expectHarmless(page, 'plan')
    for (const typed of [script, links, marks, `https://evil.example/${all}`, 'x'.repeat(100_000)]) {
      await go(page, '#/get')
      await page.getByRole('searchbox', { name: 'What to get' }).fill(typed)
      await page.getByRole('heading', { name: 'From the Hub' }).waitFor()
      await expectHarmless(page, 'typed')
    }
    await go(page, `#/get/${encodeURIComponent(script)}/${encodeURIComponent(links)}`)
    await page.getByText('Back to the search').waitFor()
    await expectHarmless(page, 'address')
  })

  it('of a model that answers is shown as text', async () => {
    await using window = await signedIn({ width: 360, height: 740 })
    const { page } = window
    await go(page, '#/try')
    const field = page.getByLabel('Your question')
    await field.fill(all)
    scene.ollama.shelf.script.push({ text: `# ${all}\n\n\`\`\`html\n${script}\n\`\`\`\n${long} the end` })
    await field.press('Enter')
    await page.getByText('the end').waitFor()
    await expectHarmless(page, 'answer')
  })
})
