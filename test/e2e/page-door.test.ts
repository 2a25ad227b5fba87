/** The page's door before a real browser: what the policy lets a page of ours do, what it does not, and who may frame it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/test-tools.mjs'
import { type Listening, listen } from '../../src/server/listen.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'

const index = `<!doctype html><html lang="en"><title>begun</title>
<link rel="stylesheet" crossorigin href="/assets/page-1.css"><link rel="icon" href="/favicon.svg">
<script>globalThis.inlineRan = true</script>
<script type="module" crossorigin src="/assets/page-1.js"></script><p id="styled">x</p></html>`

/** Signs in as the page does, asks over HTTP and over the socket, and tries what it must not be able to. */
const script = `
const tried = async (work) => { try { await work(); return 'done' } catch { return 'refused' } }
const given = new URLSearchParams(location.hash.slice(1))
const code = given.get('code')
history.replaceState(null, '', '/')
const post = await fetch('/yard/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) })
const { token, name } = await post.json()
const socket = new WebSocket('ws://' + location.host + '/yard/v1/events')
socket.onopen = () => socket.send(JSON.stringify({ token }))
const first = token ? await new Promise((resolve) => { socket.onmessage = ({ data }) => resolve(JSON.parse(data).type); socket.onerror = () => resolve('none') }) : 'none'
globalThis.seen = {
  status: post.status, name, first, address: location.href,
  inline: globalThis.inlineRan === true,
  styled: getComputedStyle(document.getElementById('styled')).color,
  markup: await tried(() => { document.body.innerHTML = '<b>x</b>' }),
  evaluated: await tried(() => new Function('return 1')()),
  elsewhere: await tried(() => fetch(given.get('elsewhere'), { mode: 'no-cors' })),
}
`

interface Seen {
  readonly seen: Readonly<Record<string, unknown>>
}

let browser: Browser
let test: TestYard
let root: string
let stranger: Server
const services: Listening[] = []

beforeAll(async () => {
  const executablePath = findChromium()
  if (!executablePath) throw new TypeError('no Chromium: `npm test` installs it where it may')
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  test = await testYard()
  root = await mkdtemp(join(tmpdir(), 'modelyard-page-'))
  await mkdir(join(root, 'assets'))
  await writeFile(join(root, 'index.html'), index)
  await writeFile(join(root, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(root, 'assets/page-1.js'), script)
  await writeFile(join(root, 'assets/page-1.css'), '#styled { color: rgb(1, 2, 3) }')
  stranger = createServer((request, response) => {
    const framed = new URL(request.url ?? '/', 'http://x').searchParams.get('frame')
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>a stranger</title><iframe src="${framed}"></iframe>`)
  })
  await new Promise<void>((resolve) => stranger.listen({ host: '127.0.0.1', port: 0 }, resolve))
})
afterEach(async () => {
  for (const one of services.splice(0)) await one.close(0)
})
afterAll(async () => {
  await browser?.close()
  stranger?.close()
  await test?.[Symbol.asyncDispose]()
  if (root) await rm(root, { recursive: true })
})

async function serve(frameAncestors: string[] = []): Promise<Listening> {
  const service = await listen({
    yard: test.yard,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    frameAncestors,
    pageFolder: root,
    tokens: { matches: () => false, onRotate: () => () => {} },
    log: () => {},
  })
  services.push(service)
  return service
}

const strangerAt = (name: string): string => `http://${name}:${(stranger.address() as AddressInfo).port}`

/** Whether the page ran inside a frame of the stranger's. */
async function framed(page: Page, url: string): Promise<boolean> {
  await page.goto(`${strangerAt('localhost')}/?frame=${encodeURIComponent(`${url}/#code=none`)}`, { waitUntil: 'load' })
  const frame = page.frames().find((one) => one !== page.mainFrame())
  return frame === undefined ? false : frame.url().startsWith(url) && (await frame.title()) !== ''
}

describe('a page from our door', () => {
  it('signs in, asks and listens; nothing inline, evaluated or of elsewhere runs', async () => {
    const { url } = await serve()
    const page = await browser.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${url}/#code=${test.yard.session.code().code}&elsewhere=${encodeURIComponent(strangerAt('127.0.0.1'))}`)
    await page.waitForFunction(() => 'seen' in globalThis)
    const seen = await page.evaluate(() => (globalThis as unknown as Seen).seen)
    expect(seen).toEqual({
      status: 201,
      name: expect.stringMatching(/^browser-chrome-[0-9a-f]{4}$/),
      first: 'snapshot',
      address: `${url}/`,
      inline: false,
      styled: 'rgb(1, 2, 3)',
      markup: 'refused',
      evaluated: 'refused',
      elsewhere: 'refused',
    })
    expect(asked.every((one) => one.startsWith(`${url}/`) || one.startsWith(url.replace('http', 'ws')))).toBe(true)
    await page.close()
  })

  it('is shown in no frame, and in those that are configured', async () => {
    const page = await browser.newPage()
    expect(await framed(page, (await serve()).url)).toBe(false)
    expect(await framed(page, (await serve(['http://localhost:1'])).url)).toBe(false)
    expect(await framed(page, (await serve([strangerAt('localhost')])).url)).toBe(true)
    expect(await framed(page, (await serve([strangerAt('127.0.0.1')])).url)).toBe(false)
    await page.close()
  })
})
