/** The elements inside the app of the example, in a real browser, against a real service that allows its origin. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveApp } from '../../../examples/embed-html/server.mjs'
import { type Listening, listen } from '../../../src/server/listen.ts'
import { type FakeOllama, fakeOllama } from '../../../src/testing/fakes/fake-ollama.ts'
import type {} from '../../../web/src/elements/types.ts'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium } from '../../support/chromium.ts'
import { type TestYard, testYard } from '../../support/test-yard.ts'

const token = 'a-token-that-nobody-may-see'
const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** The elements as they are shipped, in a file of their own. */
async function builtElements(folder: string): Promise<string> {
  const configFile = join(import.meta.dirname, '../../../web/vite.elements.config.ts')
  const { output } = (await build({ configFile, logLevel: 'silent', build: { write: false } })) as Rolldown.RolldownOutput
  const file = join(folder, 'elements.js')
  await writeFile(file, output[0].code)
  return file
}

interface Told {
  readonly type: string
  readonly outcome?: string
  readonly code?: string
}

describe('the elements in an app', () => {
  let chromium: Chromium
  let folder: string
  let engine: FakeOllama
  let test: TestYard
  let service: Listening
  let app: Server
  let elements: string

  const begin = (port: number, origins: readonly string[]): Promise<Listening> =>
    listen({
      yard: test.yard,
      host: '127.0.0.1',
      port,
      allowedHosts: [],
      allowedOrigins: origins,
      tokens: { matches: (candidate: string) => candidate === token, onRotate: () => () => {} },
      log: () => {},
    })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelyard-test-'))
    elements = await builtElements(folder)
    chromium = await startChromium()
    engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'beta' }, { name: 'broken', broken: true }] })
    test = await testYard({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
    // The app names the service and the service the app: one of them has to have its port first.
    const first = await begin(0, [])
    await first.close()
    app = await serveApp({ address: first.url, token, port: 0, elements })
    service = await begin(first.port, [originOf(app)])
  })
  afterAll(async () => {
    await chromium?.close()
    await service?.close()
    app?.close()
    await test?.[Symbol.asyncDispose]()
    await engine?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const window = () => chromium.window({ origins: [originOf(app), service.url] })
  /** Everything that the elements tell is kept from the beginning. */
  const open = async (page: Page): Promise<string[]> => {
    const sockets: string[] = []
    page.on('websocket', (socket) => sockets.push(socket.url()))
    await page.addInitScript(() => {
      const told: object[] = []
      Object.assign(globalThis, { told })
      for (const name of ['switched', 'rolled-back', 'not-switched', 'job-finished', 'error', 'signed-out'])
        document.addEventListener(`modelyard-${name}`, ({ type, detail }: CustomEventInit & Event) => {
          told.push({ type, outcome: detail.outcome, code: detail.code })
        })
    })
    await page.goto(originOf(app))
    await page.getByRole('option', { name: /alpha/ }).waitFor()
    return sockets
  }
  const told = (page: Page): Promise<Told[]> => page.evaluate(() => (globalThis as unknown as { told: Told[] }).told)
  const use = async (page: Page, name: string): Promise<void> => {
    const filter = page.locator('modelyard-switch').getByRole('searchbox')
    await filter.fill(name)
    await page.getByRole('option', { name: new RegExp(name) }).waitFor()
    await filter.press('ArrowDown')
    await page.keyboard.press('Enter')
  }

  it('lists, switches by keyboard alone and tells the app, over one WebSocket for both', async () => {
    await using browser = await window()
    const { page } = browser
    const sockets = await open(page)
    await use(page, 'beta')
    await expect.poll(() => told(page)).toEqual([{ type: 'modelyard-switched', outcome: 'switched' }])
    await page.locator('modelyard-switch .slot-line').getByText('beta').waitFor()
    await expect.poll(() => page.locator('#log').textContent()).toContain('ollama/beta:latest serves default')
    await page.locator('modelyard-downloads').getByLabel('Get a model').waitFor()
    expect(sockets).toHaveLength(1)
  })

  it('says that a model was rolled back, and what serves', async () => {
    await using browser = await window()
    const { page } = browser
    await open(page)
    await use(page, 'broken')
    await expect.poll(() => told(page)).toEqual([{ type: 'modelyard-rolled-back', outcome: 'rolled_back' }])
    expect(test.yard.slots.get('default').model).toBe('beta:latest')
  })

  it('shows the token nowhere, and puts it into no address', async () => {
    await using browser = await window()
    const { page } = browser
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    const sockets = await open(page)
    const seen = await page.evaluate(() => {
      const inside = [...document.querySelectorAll('modelyard-switch, modelyard-downloads')].map((one) => [
        one.outerHTML,
        one.shadowRoot?.innerHTML,
        JSON.stringify({ ...localStorage, ...sessionStorage }),
      ])
      return [document.documentElement.outerHTML, ...inside.flat(), location.href].join('\n')
    })
    expect(seen).toContain('alpha')
    expect(asked.length).toBeGreaterThan(3)
    expect([seen, ...asked, ...sockets].filter((one) => one.includes(token))).toEqual([])
  })

  it('takes no token from an attribute', async () => {
    await using browser = await window()
    const { page } = browser
    await page.route('**/modelyard/access', (route) => route.fulfill({ json: { address: service.url } }))
    await page.goto(originOf(app))
    await page.evaluate((secret) => document.querySelector('modelyard-switch')?.setAttribute('token', secret), token)
    await page.locator('modelyard-switch').getByText('Not connected yet').waitFor()
    expect(await page.evaluate(() => document.querySelector('modelyard-switch')?.token)).toBe(undefined)
  })

  it('says that a token is refused, and goes on with another one', async () => {
    await using browser = await window()
    const { page } = browser
    await page.route('**/modelyard/access', (route) => route.fulfill({ json: { address: service.url, token: 'an old one' } }))
    await page.goto(originOf(app))
    await page.locator('modelyard-switch').getByText('refuses the token').waitFor()
    await expect.poll(() => page.locator('#log').textContent()).toContain('signed out')
    await page.evaluate((secret) => {
      const element = document.querySelector('modelyard-switch')
      if (element) element.token = secret
    }, token)
    await page.getByRole('option', { name: /alpha/ }).waitFor()
  })

  it('keeps its connection while it is moved, shares it with one that comes later, and ends it with the last', async () => {
    await using browser = await window()
    const { page } = browser
    const sockets: { url(): string; isClosed(): boolean }[] = []
    page.on('websocket', (socket) => sockets.push(socket))
    await page.goto(originOf(app))
    await page.getByRole('option', { name: /alpha/ }).waitFor()
    await page.locator('modelyard-switch').getByRole('searchbox').fill('bet')
    await page.evaluate(() => {
      const element = document.querySelector('modelyard-switch')
      const other = document.querySelector('modelyard-downloads')
      if (!element || !other) return
      document.body.append(element)
      const later = document.createElement('modelyard-switch')
      later.address = other.address
      later.token = other.token
      later.id = 'later'
      document.body.append(later)
    })
    await page.locator('#later').getByRole('option', { name: /alpha/ }).waitFor()
    expect(await page.locator('modelyard-switch').first().getByRole('searchbox').inputValue()).toBe('bet')
    expect(sockets).toHaveLength(1)
    await page.evaluate(() => {
      for (const one of document.querySelectorAll('modelyard-switch, modelyard-downloads')) one.remove()
    })
    await expect.poll(() => sockets[0]?.isClosed()).toBe(true)
  })

  it('switches no slot but the one that is named', async () => {
    await using browser = await window()
    const { page } = browser
    await open(page)
    await page.evaluate(() => document.querySelector('modelyard-switch')?.setAttribute('yard-slot', 'coder'))
    await page.locator('modelyard-switch').getByText('There is no slot coder').waitFor()
    await test.yard.slots.put('coder', {})
    await use(page, 'alpha')
    await expect.poll(() => told(page)).toEqual([{ type: 'modelyard-switched', outcome: 'switched' }])
    expect(test.yard.slots.get('coder').model).toBe('alpha:latest')
    expect(test.yard.slots.get('default').model).toBe('beta:latest')
  })

  it('takes its colours from the app, on the element and above it, and its theme from either', async () => {
    await using browser = await window()
    const { page } = browser
    await open(page)
    const colourOf = (name: string): Promise<string> =>
      page.evaluate((property) => {
        const inside = document.querySelector('modelyard-switch')?.shadowRoot?.querySelector('.yard-root')
        return inside ? getComputedStyle(inside).getPropertyValue(property) : ''
      }, name)
    const set = (selector: string, value: string): Promise<void> =>
      page.evaluate(
        ([where = '', what = '']) => document.querySelector<HTMLElement>(where)?.style.setProperty('--my-surface', what),
        [selector, value],
      )
    expect(await colourOf('background-color')).toBe('rgb(255, 255, 255)')
    await set('html', 'rgb(1, 2, 3)')
    expect(await colourOf('background-color')).toBe('rgb(1, 2, 3)')
    await set('modelyard-switch', 'rgb(4, 5, 6)')
    expect(await colourOf('background-color')).toBe('rgb(4, 5, 6)')
    await set('modelyard-switch', '')
    await set('html', '')
    await page.getByLabel('Theme').selectOption('dark')
    expect(await colourOf('background-color')).toBe('rgb(23, 25, 28)')
    await page.getByLabel('Theme').selectOption('auto')
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await colourOf('background-color')).toBe('rgb(23, 25, 28)')
  })

  it.each(['light', 'dark'] as const)('can be used by everybody, %s', async (colorScheme) => {
    await using browser = await chromium.window({ origins: [originOf(app), service.url], colorScheme })
    const { page } = browser
    await open(page)
    await screenshot(page, `elements-${colorScheme}`, { fullPage: true })
    expect(await axe(page)).toEqual([])
  })

  it('says that the connection is lost and is true again by itself', async () => {
    await using browser = await window()
    const { page } = browser
    browser.allow(/WebSocket|ERR_CONNECTION_REFUSED/)
    await open(page)
    await service.close()
    await page
      .locator('modelyard-switch')
      .getByText(/Connection lost/)
      .waitFor()
    await expect.poll(() => told(page)).toContainEqual({ type: 'modelyard-error', code: 'service_unreachable' })
    service = await begin(service.port, [originOf(app)])
    await page
      .locator('modelyard-switch')
      .getByText(/Connection lost/)
      .waitFor({ state: 'hidden' })
  })
})
