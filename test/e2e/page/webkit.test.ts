/** The main paths in WebKitGTK, the engine of packaged windows on Linux: what works in one browser works in the other. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../../src/client/index.ts'
import { repos } from '../../support/page-models.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'
import { keys } from '../../support/webdriver.ts'
import { type WebKitBrowser, webkitBrowser, withoutWebKit } from '../../support/webkit.ts'

if (withoutWebKit !== undefined) process.stderr.write(`skipped: ${withoutWebKit}\n`)

describe.skipIf(withoutWebKit !== undefined)('the page in WebKitGTK', () => {
  let scene: PageScene
  let browser: WebKitBrowser

  beforeAll(async () => {
    ;[scene, browser] = await Promise.all([pageScene(), webkitBrowser()])
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await scene?.[Symbol.asyncDispose]()
  })

  const sees = (words: string): Promise<void> => browser.waitFor(`document.body.innerText.includes(${JSON.stringify(words)})`)
  const servesInBar = (model: string): Promise<void> =>
    browser.waitFor(`document.querySelector('section[aria-label=Slots]')?.innerText.includes(${JSON.stringify(model)})`)
  const go = (place: string): Promise<unknown> => browser.evaluate(`location.hash = ${JSON.stringify(place)}`)
  const picture = async (name: string): Promise<void> => {
    const folder = process.env.MODELYARD_SCREENSHOTS
    if (folder) await browser.screenshot(join(folder, `webkit-${name}.png`))
  }
  /** The row that the filter leaves first, by keyboard. */
  async function use(name: string): Promise<void> {
    await browser.waitFor("document.querySelector('[role=listbox] [role=option]') !== null")
    await browser.evaluate("document.querySelector('input[type=search]').focus()")
    await browser.evaluate("document.querySelector('input[type=search]').select()")
    await browser.type(name)
    await browser.waitFor(`[...document.querySelectorAll('[role=listbox] [role=option]')].length === 1`)
    await browser.type(`${keys.down}${keys.enter}`)
  }

  it('signs in with the link, and the token is not in the address', async () => {
    await scene.signIn(browser)
    await sees('qwen3:8b')
    expect(await browser.evaluate('location.href')).not.toContain('code')
    expect(await browser.evaluate('document.title')).toBe('Switch – Modelyard')
    expect(await browser.text()).toContain('mistralai/devstral-small')
    await picture('switch')
  })

  it('switches by keyboard, and rolls back with the reason of the engine', async () => {
    await use('qwen3:8b')
    await sees('qwen3:8b serves default.')
    await servesInBar('qwen3:8b')
    await use('damaged:7b')
    await sees('damaged:7b could not be used')
    await sees('qwen3:8b serves default, as before')
    await picture('rolled-back')
    expect(scene.yard.slots.list()[0]?.ref).toBe('ollama/qwen3:8b')
  })

  it('gets a model with progress, which a reload in the middle does not lose, to its end', async () => {
    const client = createClient(scene)
    await client.updateSettings({ hub: { bytesPerSecond: 200_000 } })
    await go(`#/get/${repos.many}/Q8_0`)
    await browser.waitFor("document.querySelector('button[aria-disabled=false]') !== null && document.body.innerText.includes('To fetch')")
    await browser.waitFor(
      "[...document.querySelectorAll('button')].some((one) => one.innerText.startsWith('Get · Q8_0') && one.ariaDisabled !== 'true')",
    )
    await browser.evaluate("[...document.querySelectorAll('button')].find((one) => one.innerText.startsWith('Get · Q8_0')).click()")
    await sees(' of 6.')
    await browser.waitFor("document.querySelector('[role=progressbar]') !== null")
    await browser.reload()
    await sees(' of 6.')
    await picture('download')
    await client.updateSettings({ hub: { bytesPerSecond: null } })
    await sees('verified: it answered')
  }, 60_000)

  it('keeps what it shows true while the service is away and back', async () => {
    await browser.evaluate('globalThis.notReloaded = true')
    await scene.stop()
    await sees('Connection lost')
    await scene.start()
    await browser.waitFor("!document.body.innerText.includes('Connection lost')")
    await createClient(scene).slot('default').switch('ollama/llama3.2:3b')
    await servesInBar('llama3.2:3b')
    expect(await browser.evaluate('globalThis.notReloaded')).toBe(true)
  })

  it('fits into 400 pixels, and speaks with a model', async () => {
    await browser.resize(400, 740)
    await go('#/try')
    await browser.waitFor("document.querySelector('textarea') !== null")
    expect(await browser.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await browser.type('Who are you?', 'textarea')
    await browser.type(keys.enter, 'textarea')
    await sees('llama3.2:3b#0')
    await picture('try')
  })
})
