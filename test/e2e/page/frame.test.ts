/** Getting in and out of the page, and what it says when the service is not there: in a real browser, against the real service. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../../src/util/version.ts'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const slots = (page: Page) => page.getByRole('region', { name: 'Slots' })
const keptToken = (page: Page): Promise<string | null> => page.evaluate("localStorage.getItem('modelyard.token')")
const signInHeading = (page: Page) => page.getByRole('heading', { name: 'Sign in' })
/** What a refused connection says on the console is no fault of the page. */
const refused = /ERR_CONNECTION_REFUSED|401 \(Unauthorized\)|WebSocket/

describe('the page', () => {
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

  it('says how to get in to who has no token, and takes the link that the command prints', async () => {
    await using window = await chromium.window()
    const { page } = window
    await page.goto(scene.url)
    await signInHeading(page).waitFor()
    await page.getByText('modelyard open').waitFor()
    expect(await axe(page)).toEqual([])
    await screenshot(page, 'sign-in')
    await page.getByLabel('Link or code').fill(`${scene.url}/#code=${await scene.code()}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await slots(page).waitFor()
  })

  it('is signed in by a code in the address, which leaves it, and a second tab needs none', async () => {
    await using window = await chromium.window()
    const { page } = window
    await scene.signIn(page)
    await slots(page).waitFor()
    expect(page.url()).not.toContain('code')
    expect(await page.content()).not.toContain((await keptToken(page)) ?? 'none')
    const second = await window.anotherTab()
    await second.goto(scene.url)
    await slots(second).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await Promise.all([signInHeading(page).waitFor(), signInHeading(second).waitFor()])
    expect(await keptToken(page)).toBeNull()
  })

  it('says that a code is no good, and asks again without a loop', async () => {
    await using window = await chromium.window()
    window.allow(refused)
    const { page } = window
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(`${scene.url}/#code=not-a-code-of-ours`)
    await signInHeading(page).waitFor()
    await page.getByText('modelyard open').first().waitFor()
    expect(await page.locator('.note.bad').textContent()).toMatch(/code/)
    expect(asked.filter((path) => path === '/yard/v1/session')).toHaveLength(1)
  })

  it('takes a code once however often the button is pressed', async () => {
    await using window = await chromium.window()
    const { page } = window
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(scene.url)
    await page.getByLabel('Link or code').fill(await scene.code())
    await page.getByRole('button', { name: 'Sign in' }).dblclick()
    await slots(page).waitFor()
    expect(asked.filter((path) => path === '/yard/v1/session')).toHaveLength(1)
  })

  it('says that a browser does not let it copy', async () => {
    await using window = await chromium.window()
    const { page } = window
    await page.goto(scene.url)
    await signInHeading(page).waitFor()
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Not copied: the browser refuses' }).waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('says that the service is of another version since it was opened', async () => {
    await using window = await chromium.window({ colorScheme: 'dark' })
    const { page } = window
    await page.routeWebSocket('**/yard/**', (socket) => {
      const server = socket.connectToServer()
      server.onMessage((message) => socket.send(String(message).replace(`"version":"${version}"`, '"version":"99.0.0"')))
    })
    await scene.signIn(page)
    await page.getByText(`This page is of version ${version}, the service of 99.0.0`).waitFor()
    await page.getByRole('button', { name: 'Reload the page' }).waitFor()
    await screenshot(page, 'other-version')
    expect(await axe(page)).toEqual([])
  })

  it('says that it could not sign out at a service that has gone', async () => {
    await using window = await chromium.window()
    window.allow(refused)
    const { page } = window
    await scene.signIn(page)
    await slots(page).waitFor()
    await scene.stop()
    await page.getByText('Connection lost').first().waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('Signing out at the service failed:').first().waitFor()
    await screenshot(page, 'sign-out-failed')
    expect(await axe(page)).toEqual([])
    expect(await keptToken(page)).not.toBeNull()
    await scene.start()
  })

  it('is signed out where its token was revoked elsewhere', async () => {
    await using window = await chromium.window()
    window.allow(refused)
    const { page } = window
    await scene.signIn(page)
    await slots(page).waitFor()
    for (const { name, kind } of scene.yard.tokens.list()) if (kind === 'browser') await scene.yard.tokens.revoke(name)
    await signInHeading(page).waitFor()
    expect(await keptToken(page)).toBeNull()
  })

  it('says since when it is not true what it shows, and catches up without a reload', async () => {
    await using window = await chromium.window()
    window.allow(refused)
    const { page } = window
    await scene.signIn(page)
    await slots(page).waitFor()
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }))
    await scene.stop()
    await page
      .getByText(/Connection lost\. What is shown was true at \d/)
      .first()
      .waitFor()
    await screenshot(page, 'connection-lost')
    expect(await axe(page)).toEqual([])
    await scene.start()
    await scene.yard.slot('default').switch('ollama/qwen3:8b')
    await slots(page).getByText('qwen3:8b').waitFor()
    await page.getByText('Connection lost').first().waitFor({ state: 'detached' })
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true)
  })

  it('says that nothing answers where it was signed in and the service has gone, and goes on when it is back', async () => {
    await using window = await chromium.window()
    window.allow(refused)
    const { page } = window
    await scene.signIn(page)
    await slots(page).waitFor()
    await page.route('**/yard/**', (route) => route.abort())
    await page.routeWebSocket('**/yard/**', (socket) => socket.close())
    await page.reload()
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor()
    await screenshot(page, 'unreachable')
    await page.unrouteAll()
  })

  it('is not empty where something takes its connection and says nothing', async () => {
    await using window = await chromium.window()
    const { page } = window
    await page.routeWebSocket(/events/, () => {})
    await scene.signIn(page)
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor()
    await page.unrouteAll()
  })

  it('is whole at 360 pixels and at 200 %, and its panels are reached by keyboard', async () => {
    await using window = await chromium.window({ viewport: { width: 360, height: 740 } })
    const { page } = window
    await scene.signIn(page)
    await slots(page).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await axe(page)).toEqual([])
    await page.getByText('More').click()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  })
})
