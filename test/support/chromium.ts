/**
 * Debian's Chromium, started in one way for all tests: windows of a fixed language, time zone and scale, that complain
 * when they close about whatever went wrong in them.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, type ConsoleMessage, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../scripts/test-tools.mjs'

export interface Chromium extends AsyncDisposable {
  readonly browser: Browser
  window(options?: WindowOptions): Promise<Window>
  close(): Promise<void>
}

export interface WindowOptions extends Pick<BrowserContextOptions, 'colorScheme' | 'reducedMotion' | 'forcedColors' | 'hasTouch'> {
  readonly viewport?: { readonly width: number; readonly height: number }
  /** 2: everything is twice as big, as with Ctrl and plus. */
  readonly zoom?: number
  readonly locale?: string
  readonly timezoneId?: string
  /** That it may speak to; default: whatever its first page is loaded from. */
  readonly origins?: readonly string[]
}

/** A profile of its own with one page. Closing it throws what it has to complain about. */
export interface Window extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors on the console and in scripts, what the policy forbade, requests to others; so far, and not allowed. */
  complaints(): string[]
  /** What fits is none, also what was seen already: for tests in which something is meant to fail. */
  allow(...patterns: readonly RegExp[]): void
  /** In the same profile: what is in the local storage of one is there for the other. */
  anotherTab(): Promise<Page>
}

/** No name is looked up: nothing but this machine is ever asked. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-device-scale-factor=1',
  '--font-render-hinting=none',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
]

export async function startChromium({ args = [] }: { args?: readonly string[] } = {}): Promise<Chromium> {
  const executablePath = findChromium()
  if (!executablePath) throw new TypeError('no Chromium: `npm test` installs it where it may')
  const browser = await chromium.launch({ executablePath, args: [...flags, ...args] })
  const close = (): Promise<void> => browser.close()
  return { browser, window: (options) => openWindow(browser, options), close, [Symbol.asyncDispose]: close }
}

async function openWindow(browser: Browser, { viewport, zoom = 1, origins, ...options }: WindowOptions = {}): Promise<Window> {
  const { width, height } = viewport ?? { width: 1280, height: 800 }
  const context = await browser.newContext({
    colorScheme: 'light',
    reducedMotion: 'no-preference',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...options,
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: zoom,
  })
  const { complaints, allow } = await listenIn(context, origins)
  const page = await context.newPage()
  return {
    page,
    context,
    complaints,
    allow,
    anotherTab: () => context.newPage(),
    async [Symbol.asyncDispose]() {
      await context.close()
      const left = complaints()
      if (left.length > 0) throw new Error(`the page complained:\n${left.join('\n')}`)
    },
  }
}

async function listenIn(context: BrowserContext, origins?: readonly string[]): Promise<Pick<Window, 'complaints' | 'allow'>> {
  const heard: string[] = []
  const allowed: RegExp[] = []
  const own = new Set(origins)
  const asks = (url: string): void => {
    const origin = originOf(url)
    if (origin === undefined) return
    if (own.size === 0) own.add(origin)
    if (!own.has(origin)) heard.push(`asked another origin: ${url}`)
  }
  await context.addInitScript(sayViolations)
  context.on('console', (message) => {
    if (message.type() === 'error') heard.push(`console: ${message.text()}${placeOf(message)}`)
  })
  context.on('weberror', (error) => heard.push(`script: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => asks(request.url()))
  context.on('page', (page) => page.on('websocket', (socket) => asks(socket.url())))
  return {
    complaints: () => heard.filter((line) => !allowed.some((pattern) => pattern.test(line))),
    allow: (...patterns) => void allowed.push(...patterns),
  }
}

/** Runs in every page before its own scripts. */
const sayViolations = `document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) =>
  console.error('the policy forbade it: ' + [effectiveDirective, blockedURI, sample].join(' ')))`

/** Of a WebSocket too, as if it were HTTP; undefined of what is asked of nobody. */
function originOf(url: string): string | undefined {
  const { protocol, host } = new URL(url)
  return /^(?:https?|wss?):$/.test(protocol) ? `${protocol.replace('ws', 'http')}//${host}` : undefined
}

const placeOf = (message: ConsoleMessage): string =>
  message.location().url ? ` (${message.location().url}:${message.location().lineNumber})` : ''

/** Into the folder that `MODELYARD_SCREENSHOTS` names, for a person to look at; without it nothing is written. */
export async function screenshot(page: Page, name: string, { fullPage = false }: { fullPage?: boolean } = {}): Promise<void> {
  const folder = process.env.MODELYARD_SCREENSHOTS
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide', fullPage })
}
