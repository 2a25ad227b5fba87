import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import { notAborted, providerConfig, replay, scriptedEngine, sendJson } from '../openai-chat/scripted-engine.ts'
import { answering, failureOf, limits, withOllama } from './with-ollama.ts'

const real = { 'GET /': '0.32.15/01-root', 'GET /api/version': '0.32.15/03-version' }
const says =
  (text: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(200, headers).end(text)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelyard-ollama-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A port where nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function program(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  await chmod(path, 0o755)
  return path
}

describe('who answers', () => {
  it('is Ollama by what it says', async () => {
    await withOllama(answering(real), async (provider, engine) => {
      expect(await provider.probe(notAborted())).toEqual({ state: 'ready', version: '0.32.15' })
      expect(engine.lines().sort()).toEqual(['GET /', 'GET /api/version'])
    })
  })

  it.each([
    ['llama-swap', { 'GET /': says('<a href="/ui">ui</a>'), 'GET /api/version': { build_date: 'x', commit: 'y', version: '0' } }],
    ['llama-swap', { ...real, 'GET /api/version': { version: '0' } }],
    ['llama-server', { 'GET /': says('File Not Found', { server: 'llama.cpp' }) }],
    ['KoboldCpp', { 'GET /': says('<title>KoboldCpp</title>'), 'GET /api/version': { version: '0.7.0' } }],
    ['LocalAI', { 'GET /': says('<title>LocalAI API</title>'), 'GET /api/version': { version: '0.9.0' } }],
    ['Docker Model Runner', { 'GET /': says('Docker Model Runner'), 'GET /api/version': { version: '0.1.0' } }],
  ])('is not Ollama but %s, and is named', async (name, replies) => {
    await withOllama(answering(replies), async (provider) => {
      const { state, error, hint } = await provider.probe(notAborted())
      expect([state, error?.code]).toEqual(['impostor', 'provider_impostor'])
      expect(error?.message).toContain(`${name} answers at`)
      expect(hint).toContain('openai-compatible')
    })
  })

  it('is llama-swap as it was recorded', async () => {
    await using engine = await scriptedEngine(({ path }, response) => {
      replay(response, `llama-swap/v250/${path === '/' ? '01-root' : path === '/api/version' ? '03-api-version' : '04-api-tags'}.json`)
    })
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: engine.url }))
    expect((await provider.probe(notAborted())).error?.message).toContain('llama-swap answers at')
    await provider.close()
  })

  it('is llama-server as it was recorded', async () => {
    await using engine = await scriptedEngine(({ path }, response) => {
      replay(response, `llama-server/0c1e570/${path === '/' ? '10-root' : '09-api-version'}.json`)
    })
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: engine.url }))
    expect((await provider.probe(notAborted())).error?.message).toContain('llama-server answers at')
    await provider.close()
  })

  it.each([
    ['a page', { 'GET /': says('<html>'), 'GET /api/version': says('<html>') }],
    ['a server that has everything', { 'GET /': says('Ollama is running'), 'GET /api/version': { version: '1.0', more: true } }],
    ['a version that is none', { ...real, 'GET /api/version': { version: 7 } }],
    ['nothing it knows', {}],
    ['a redirect', { 'GET /': (response: ServerResponse): void => void response.writeHead(302, { location: '/x' }).end() }],
  ])('is an impostor: %s', async (_, replies) => {
    await withOllama(answering(replies), async (provider) => {
      const { state, hint } = await provider.probe(notAborted())
      expect(state).toBe('impostor')
      expect(hint).toMatch(/\w/)
    })
  })

  it('refuses a foreign name without a word', async () => {
    const answer = answering({ 'GET /': '0.32.15/74-host-foreign', 'GET /api/version': '0.32.15/74-host-foreign' })
    await withOllama(answer, async (provider) => {
      expect(await provider.probe(notAborted())).toMatchObject({ state: 'unauthorized', hint: expect.stringContaining('127.0.0.1') })
    })
  })

  it('asks for a key, which is given to who asks only', async () => {
    await using engine = await scriptedEngine(({ path, headers }, response) => {
      if (headers.authorization !== 'Bearer k') sendJson(response, 401, { error: 'key' })
      else replay(response, `ollama/${path === '/' ? '0.32.15/01-root' : '0.32.15/03-version'}.json`)
    })
    for (const [apiKey, state] of [
      [undefined, 'unauthorized'],
      ['wrong', 'unauthorized'],
      ['k', 'ready'],
    ] as const) {
      const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: engine.url, apiKey }))
      expect((await provider.probe(notAborted())).state).toBe(state)
      await provider.close()
    }
  })
})

describe('nothing answers', () => {
  const providerAt = (over: object) => createOllama(providerConfig({ kind: 'ollama', id: 'mine', ...over }), limits)

  it('it is stopped where its command is found, and can be started', async () => {
    const command = await program('ollama', '#!/bin/sh\n')
    for (const host of ['127.0.0.1', 'localhost']) {
      const provider = providerAt({ baseUrl: `http://${host}:${await deadPort()}`, command })
      expect(provider.capabilities.start).toBe(false)
      expect(await provider.probe(notAborted())).toMatchObject({
        state: 'stopped',
        error: { code: 'provider_stopped' },
        hint: 'Start it with `modelyard providers start mine`.',
        capabilities: { start: true },
      })
      expect(provider.capabilities.start).toBe(true)
      await provider.close()
    }
  })

  it('it is not installed where there is none', async () => {
    const provider = providerAt({ baseUrl: `http://127.0.0.1:${await deadPort()}`, command: join(folder, 'none') })
    expect(await provider.probe(notAborted())).toMatchObject({ state: 'not_installed', capabilities: { start: false } })
    expect((await failureOf(provider.start?.(notAborted()) ?? Promise.resolve())).code).toBe('provider_not_installed')
    await provider.close()
  })

  it('something that hangs up is unreachable, not missing', async () => {
    await using engine = await scriptedEngine((_, response) => response.socket?.resetAndDestroy())
    const provider = providerAt({ baseUrl: engine.url, command: join(folder, 'none') })
    expect(await provider.probe(notAborted())).toMatchObject({ state: 'unreachable', error: { code: 'provider_unreachable' } })
    await provider.close()
  })

  it('throws only what the caller said', async () => {
    const provider = providerAt({ baseUrl: `http://127.0.0.1:${await deadPort()}` })
    expect((await failureOf(provider.probe(AbortSignal.abort()))).code).toBe('cancelled')
    await provider.close()
  })
})

describe('a start', () => {
  /** An `ollama` that serves where it is told to, writes down its environment, and ends when it is asked to. */
  const server = (report: string) => `#!${process.execPath}
const { createServer } = require('node:http')
const { writeFileSync } = require('node:fs')
writeFileSync(${JSON.stringify(report)}, JSON.stringify({ pid: process.pid, args: process.argv.slice(2), host: process.env.OLLAMA_HOST, secrets: Object.keys(process.env).filter((name) => name.startsWith('MODELYARD_')) }))
const [host, port] = process.env.OLLAMA_HOST.split(':')
createServer((request, response) => response.end(request.url === '/' ? 'Ollama is running' : '{"version":"0.32.15"}')).listen(Number(port), host)
`

  it('is its command at the address, without our secrets, and it lives on', async () => {
    const report = join(folder, 'report.json')
    const port = await deadPort()
    const command = await program('serving-ollama', server(report))
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: `http://127.0.0.1:${port}`, command }), limits)
    process.env.MODELYARD_TOKEN = 'secret'
    let pid = 0
    try {
      await provider.start?.(notAborted())
      const told = JSON.parse(await readFile(report, 'utf8'))
      pid = told.pid
      expect(told).toEqual({ pid: expect.any(Number), args: ['serve'], host: `127.0.0.1:${port}`, secrets: [] })
      expect(await provider.probe(notAborted())).toMatchObject({ state: 'ready' })
      await provider.start?.(notAborted())
      expect(JSON.parse(await readFile(report, 'utf8')).pid).toBe(pid)
    } finally {
      delete process.env.MODELYARD_TOKEN
      await provider.close()
      if (pid > 0) process.kill(pid)
    }
  })

  it('of a command that ends at once says so', async () => {
    const command = await program('ending-ollama', '#!/bin/sh\nexit 3\n')
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: `http://127.0.0.1:${await deadPort()}`, command }), limits)
    expect(await failureOf(provider.start?.(notAborted()) ?? Promise.resolve())).toMatchObject({
      code: 'provider_error',
      message: '"ollama serve" ended with 3 before it answered.',
    })
    await provider.close()
  })

  it('that does not come up in time is ended again', async () => {
    const report = join(folder, 'silent.json')
    const silent = `#!${process.execPath}\nrequire('node:fs').writeFileSync(${JSON.stringify(report)}, String(process.pid))\nsetInterval(() => {}, 1000)\n`
    const command = await program('silent-ollama', silent)
    const config = providerConfig({ kind: 'ollama', baseUrl: `http://127.0.0.1:${await deadPort()}`, command })
    const leaving = new AbortController()
    const provider = createOllama(config, limits)
    const failed = failureOf(provider.start?.(leaving.signal) ?? Promise.resolve())
    const pid = await until(async () => Number(await readFile(report, 'utf8').catch(() => '')) || undefined)
    leaving.abort()
    expect((await failed).code).toBe('cancelled')
    await until(async () => (alive(pid) ? undefined : true))
    await provider.close()

    const hasty = createOllama(config, { ...limits, startMs: 50 })
    expect((await failureOf(hasty.start?.(notAborted()) ?? Promise.resolve())).code).toBe('timeout')
    await hasty.close()
  })

  it('is refused where something else listens', async () => {
    const command = await program('unused-ollama', '#!/bin/sh\nexit 3\n')
    await using engine = await scriptedEngine((_, response) => sendJson(response, 200, {}))
    const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: engine.url, command }), limits)
    expect((await failureOf(provider.start?.(notAborted()) ?? Promise.resolve())).code).toBe('provider_impostor')
    await provider.close()
  })
})

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
