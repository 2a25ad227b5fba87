/** WebKitGTK, the engine of packaged windows on Linux: what a page of ours needs of it works, and nothing of it is left. */
import { readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { descendantsOf, gone } from '../support/processes.ts'
import { type SmallPage, smallPage } from '../support/small-page.ts'
import { testFolder } from '../support/test-yard.ts'
import { keys } from '../support/webdriver.ts'
import { type WebKitBrowser, webkitBrowser, withoutWebKit } from '../support/webkit.ts'

if (withoutWebKit !== undefined) process.stderr.write(`skipped: ${withoutWebKit}\n`)

describe.skipIf(withoutWebKit !== undefined)('a page in WebKitGTK', () => {
  let page: SmallPage
  let browser: WebKitBrowser

  beforeAll(async () => {
    page = await smallPage({ body: '<p id="late"></p>', extra: 'document.title = "Run"' })
    browser = await webkitBrowser()
    await browser.open(page.url)
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await page?.[Symbol.asyncDispose]()
  })

  it('runs its module script under a strict policy', async () => {
    await browser.waitFor('document.title === "Run"')
    expect(browser.version).toMatch(/^2\.\d+\.\d+$/)
    expect(await browser.text()).toContain('What to say')
  })

  it('talks over a WebSocket from within a shadow root, clicked and typed as a person does', async () => {
    await browser.waitFor('document.querySelector("a-light")?.hasAttribute("ready")')
    await browser.type('good morning', { role: 'textbox', name: 'What to say' })
    await browser.click({ role: 'button', name: 'Ask the echo' })
    await browser.waitFor('document.querySelector("a-light").shadowRoot.textContent.includes("Echo: good morning")')
    expect(await browser.text()).toContain('Echo: good morning')
    await browser.click({ text: 'Small' })
    expect(await browser.evaluate((a: number, b: number) => Promise.resolve(a + b), 2, 3)).toBe(5)
  })

  it('is used by keyboard alone, into the shadow root and on', async () => {
    await browser.reload()
    await browser.waitFor('document.querySelector("a-light")?.hasAttribute("ready")')
    await browser.type(`${keys.tab}by keys${keys.tab}${keys.enter}`)
    await browser.waitFor('document.querySelector("a-light").shadowRoot.textContent.includes("Echo: by keys")')
    expect(await browser.evaluate('document.querySelector("a-light").shadowRoot.activeElement.localName')).toBe('button')
  })

  it('refuses what the policy forbids, and says what went wrong', async () => {
    await expect(browser.evaluate(() => new Function('return 1')())).rejects.toThrow(/EvalError|unsafe-eval|TrustedType|trusted/i)
    await expect(browser.waitFor('document.title === "Never"', 300)).rejects.toThrow('document.title === "Never"')
  })

  it('can be seen, at the size it is given', async () => {
    await browser.resize(500, 700)
    await browser.waitFor('innerWidth <= 500')
    const folder = await testFolder()
    await browser.screenshot(join(folder, 'page.png'))
    expect((await stat(join(folder, 'page.png'))).size).toBeGreaterThan(1000)
    await rm(folder, { recursive: true })
  })

  it('leaves no process and no file', async () => {
    const files = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith('modelyard-webkit-'))
    const [before, earlier] = [await files(), await descendantsOf(process.pid)]
    const another = await webkitBrowser()
    const started = (await descendantsOf(process.pid)).filter((pid) => !earlier.includes(pid))
    expect(started.length).toBeGreaterThan(3)
    expect((await files()).length).toBe(before.length + 1)
    await another[Symbol.asyncDispose]()
    await Promise.all(started.map(gone))
    expect(await files()).toEqual(before)
  }, 60_000)
})
