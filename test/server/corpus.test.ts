/** The security corpus against a real listener with its default settings: the answer, and nothing done. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes, tauriOrigins } from '../../src/contract/index.ts'
import { type Listening, listen } from '../../src/server/listen.ts'
import { sendRaw } from '../support/raw.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'
import { corpus } from './corpus.ts'
import { type PageFolder, pageFolder, secret } from './page-folder.ts'

const token = 'canary-of-this-very-test-0123456789'

describe('the security corpus', () => {
  let test: TestYard
  let service: Listening
  let page: PageFolder
  const logged: string[] = []

  beforeAll(async () => {
    test = await testYard()
    page = await pageFolder()
    await page.build()
    const tokens = { matches: (candidate: string) => candidate === token, onRotate: () => () => {} }
    service = await listen({
      yard: test.yard,
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      allowedOrigins: tauriOrigins,
      pageFolder: page.folder,
      tokens,
      log: (message, error) => void logged.push(`${message} ${String(error ?? '')}`),
    })
  })
  afterAll(async () => {
    await service.close(0)
    await page[Symbol.asyncDispose]()
    await test[Symbol.asyncDispose]()
  })

  const filled = (bytes: string): string => bytes.replaceAll('PORT', String(service.port)).replaceAll('TOKEN', token)

  it.each(corpus.map((one) => [one.name, one] as const))('%s', async (_, { bytes, status }) => {
    const before = JSON.stringify([test.yard.slots.list(), test.yard.switches.list()])
    const answer = await sendRaw(service.port, filled(bytes))
    expect(Array.isArray(status) ? status : [status], answer.text.slice(0, 400)).toContain(answer.status)
    for (const hidden of [token, secret]) expect(answer.text).not.toContain(hidden)
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d+|at async/)
    if (answer.status >= 400) expect(JSON.stringify([test.yard.slots.list(), test.yard.switches.list()]), 'nothing was done').toBe(before)
    if (answer.status >= 400 && !bytes.startsWith('HEAD') && answer.text.includes('application/problem+json'))
      expect(answer.text).toContain('"error":{"code":')
  })

  it('leaves no token in the log, and names the flag that would allow what was refused', () => {
    expect(logged.join('\n')).not.toContain(token)
    expect(logged.join('\n')).toContain('--allow-host evil.example')
    expect(logged.join('\n')).toContain('--allow-origin http://evil.example')
  })

  it('says the same on every answer: no sniffing, no storing, no framing', async () => {
    for (const bytes of ['GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 'GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n']) {
      const { text } = await sendRaw(service.port, filled(bytes))
      for (const header of ['x-content-type-options: nosniff', 'cache-control: no-store', "content-security-policy: default-src 'none'"])
        expect(text.toLowerCase()).toContain(header)
      expect(text).not.toMatch(/access-control-allow-origin|x-powered-by|^server:/im)
    }
  })

  it('asks for a token everywhere but for health, signing in and the files of the page', async () => {
    const open: string[] = []
    const asked = [
      ...Object.values(routes).map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, 'x')}`),
      ...['/', '/favicon.svg', '/assets/index-a1b2c3.js', '/link.js', '/index.html', '/v1/models', '/api/tags', '/nothing'].map(
        (path) => `GET ${path}`,
      ),
    ]
    for (const line of asked) {
      const { status } = await sendRaw(service.port, filled(`${line} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n`))
      if (status !== 401) open.push(`${line} ${status}`)
    }
    expect(open).toEqual([
      'GET /healthz 200',
      'POST /yard/v1/session 400',
      'GET / 200',
      'GET /favicon.svg 200',
      'GET /assets/index-a1b2c3.js 200',
    ])
  })

  it('health is constant', async () => {
    const { text } = await sendRaw(service.port, filled('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n'))
    expect(text.split('\r\n\r\n')[1]).toBe('{"status":"ok"}')
  })
})
