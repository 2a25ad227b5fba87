/** The page over a real listener, from a folder of the test: what is served without a token, and nothing else. */
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Listening, listen } from '../../src/server/listen.ts'
import { sendRaw } from '../support/raw.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'
import { indexText, type PageFolder, pageFolder, secret } from './page-folder.ts'

const owner = 'the-token-of-the-home-of-this-test'
let test: TestYard
let page: PageFolder
const services: Listening[] = []

beforeEach(async () => {
  test = await testYard()
  page = await pageFolder()
})
afterEach(async () => {
  for (const one of services.splice(0)) await one.close(0)
  await page[Symbol.asyncDispose]()
  await test[Symbol.asyncDispose]()
})

async function serve(frameAncestors?: string[]): Promise<Listening> {
  const service = await listen({
    yard: test.yard,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['host.docker.internal'],
    allowedOrigins: ['tauri://localhost'],
    frameAncestors,
    pageFolder: page.folder,
    tokens: { matches: (candidate) => candidate === owner, onRotate: () => () => {} },
    log: () => {},
  })
  services.push(service)
  return service
}

async function built(frameAncestors?: string[]): Promise<Listening> {
  await page.build()
  return serve(frameAncestors)
}

const policyOf = (host: string, ancestors = "'none'"): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws://${host}; ` +
  `manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}; require-trusted-types-for 'script'`

describe('the page', () => {
  it('is served at / without a token, under a strict policy', async () => {
    const { url, port } = await built()
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([200, indexText])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(indexText.length),
      'content-security-policy': policyOf(`127.0.0.1:${port}`),
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control') || name === 'set-cookie')).toEqual([])
    expect((await fetch(`${url}/?from=somewhere`)).status).toBe(200)
  })

  it('names the host that was asked for the socket, and no other', async () => {
    const { port } = await built()
    for (const host of [`localhost:${port}`, `[::1]:${port}`, `host.docker.internal:${port}`]) {
      const { text } = await sendRaw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      expect(text).toContain(`content-security-policy: ${policyOf(host)}\r\n`)
    }
    const { status, text } = await sendRaw(port, `GET / HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`)
    expect([status, text.includes('<!doctype')]).toEqual([403, false])
  })

  it.each([
    ['/assets/index-a1b2c3.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/assets/index-a1b2c3.css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/favicon.svg', 'image/svg+xml', 'no-store'],
  ])('has its file %s', async (path, type, caching) => {
    const { url, port } = await built()
    const { status, headers } = await fetch(url + path)
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, type, caching])
    expect(headers.get('content-security-policy')).toBe(policyOf(`127.0.0.1:${port}`))
  })

  it('answers HEAD like GET without the bytes', async () => {
    const { port } = await built()
    for (const path of ['/', '/assets/index-a1b2c3.js', '/favicon.svg']) {
      const [head, get] = await Promise.all(
        ['HEAD', 'GET'].map((method) =>
          sendRaw(port, `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`),
        ),
      )
      const [said, whole] = [head?.text.split('\r\n\r\n'), get?.text.split('\r\n\r\n')]
      const withoutDate = (text = ''): string => text.replace(/^date: .*$/im, '')
      expect([head?.status, withoutDate(said?.[0]), said?.[1]]).toEqual([200, withoutDate(whole?.[0]), ''])
    }
  })

  it('takes no other method: it is asked for a token like any route', async () => {
    const { url } = await built()
    for (const path of ['/', '/assets/index-a1b2c3.js'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expect((await fetch(url + path, { method })).status, `${method} ${path}`).toBe(401)
        const known = await fetch(url + path, { method, headers: { authorization: `Bearer ${owner}` } })
        expect(known.status, `${method} ${path}`).toBe(404)
      }
    expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(405)
  })

  it('leaves every other address as it is', async () => {
    const { url } = await built()
    const { token } = await test.yard.tokens.create({ name: 'zed' })
    const greeting = await fetch(`${url}/t/${token}/`)
    expect([greeting.status, await greeting.text()]).toEqual([200, 'Ollama is running'])
    for (const [path, status] of [
      ['/healthz', 200],
      ['/index.html', 401],
      ['/nothing.js', 401],
      ['/assets/nothing.js', 401],
      ['/assets/', 401],
      ['/assets', 401],
      ['/models', 401],
      ['/v1/models', 401],
      ['/yard/v1/openapi.json', 401],
    ] as const)
      expect((await fetch(url + path)).status, path).toBe(status)
    expect((await fetch(`${url}/nothing.js`, { headers: { authorization: `Bearer ${owner}` } })).status).toBe(404)
  })
})

describe('a path', () => {
  it.each([
    '/assets/../../secret.js',
    '/assets/../secret.js',
    '/../secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/%2e%2e%2fsecret.js',
    '/..\\secret.js',
    '/assets\\..\\..\\secret.js',
    '/assets/..%5c..%5csecret.js',
    '/secret.js%00.js',
    '/assets/index-a1b2c3.js%00',
    '/assets/index-a1b2c3.js/',
    '/assets/./index-a1b2c3.js',
    '/assets/deep/../index-a1b2c3.js',
    '/assets//index-a1b2c3.js',
    '/ASSETS/index-a1b2c3.js',
    '/assets/index-a1b2c3%2ejs',
    '/link.js',
    '/assets/link.js',
    '/outside/secret.js',
    '/assets/deep/x.js',
    '/.hidden.js',
    '/assets/index.js.map',
    '/program.exe',
    '/web/index.html',
    '/__proto__',
    '/constructor.js',
    '/assets/__proto__.js',
    `/${'x'.repeat(4096)}.js`,
  ])('%s is no file of the page', async (path) => {
    const { port } = await built()
    const { status, text } = await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    expect([400, 401]).toContain(status)
    expect(text).not.toContain(secret)
    expect(text).not.toContain('export {}')
  })

  it('with a NUL or a blank in it is no request', async () => {
    const { port } = await built()
    for (const path of ['/assets/index-a1b2c3.js\0', '/assets/index-a1b2c3.js \0.js']) {
      const { status, text } = await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
      expect([status, text.includes('export {}')]).toEqual([400, false])
    }
  })

  it('does not lead through a folder of assets that is a link', async () => {
    await page.build()
    const elsewhere = join(dirname(page.folder), 'elsewhere')
    await rename(join(page.folder, 'assets'), elsewhere)
    await symlink(elsewhere, join(page.folder, 'assets'))
    const { url } = await serve()
    expect([(await fetch(url)).status, (await fetch(`${url}/assets/index-a1b2c3.js`)).status]).toEqual([200, 401])
  })
})

describe('a page that is not built', () => {
  it('says how to build it, under the same policy, and is there as soon as it is', async () => {
    const { url, port } = await serve()
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
    expect(answer.headers.get('content-security-policy')).toBe(policyOf(`127.0.0.1:${port}`))
    expect(await answer.text()).toContain('npm run build')
    expect((await fetch(`${url}/favicon.svg`)).status).toBe(401)
    await page.build()
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(`${url}/favicon.svg`)).status).toBe(200)
  })

  it('is one whose folder is a file, too', async () => {
    await mkdir(dirname(page.folder), { recursive: true })
    await writeFile(page.folder, 'no folder')
    const { url } = await serve()
    expect((await fetch(url)).status).toBe(503)
  })
})

describe('a frame of another page', () => {
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-site' }
  // `fetch` sets these by itself.
  const asks = (port: number, line: string, headers: Record<string, string>) =>
    sendRaw(
      port,
      `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    )

  it('is refused where none is configured', async () => {
    const { port } = await built()
    expect((await asks(port, 'GET /', frame)).status).toBe(403)
  })

  it('shows the page where one is, and its browser judges which', async () => {
    const { url, port } = await built(['http://localhost:5173', 'tauri://localhost'])
    const answer = await fetch(url)
    expect(answer.headers.get('content-security-policy')).toBe(policyOf(`127.0.0.1:${port}`, 'http://localhost:5173 tauri://localhost'))
    expect(answer.headers.get('x-frame-options')).toBe(null)
    expect((await asks(port, 'GET /', frame)).status).toBe(200)
    expect((await asks(port, 'GET /', { ...frame, 'sec-fetch-site': 'cross-site' })).status).toBe(200)
  })

  it('gets the page alone, and by no other way', async () => {
    const { port } = await built(['http://localhost:5173'])
    const auth = { authorization: `Bearer ${owner}` }
    for (const [line, headers] of [
      ['GET /yard/v1/status', { ...frame, ...auth }],
      ['GET /assets/index-a1b2c3.js', frame],
      ['GET /v1/models', { ...frame, ...auth }],
      ['POST /', frame],
      ['GET /', { ...frame, 'sec-fetch-dest': 'script' }],
      ['GET /', { ...frame, 'sec-fetch-mode': 'no-cors' }],
      ['GET /', { ...frame, origin: 'http://evil.example' }],
    ] as const)
      expect((await asks(port, line, headers)).status, line).toBe(403)
  })
})
