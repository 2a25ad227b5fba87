/** The gateway over live engines, where they are named: MODELYARD_LIVE_OLLAMA, MODELYARD_LIVE_LLAMACPP; with the real command by its path in MODELYARD_LIVE_OLLAMA_COMMAND. */
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namedGguf } from '../../src/testing/index.ts'
import { testFolder } from '../support/test-yard.ts'
import { putInOllama, takeFromOllama } from '../testing/live-engines.ts'
import { gatewayScene, ollamaAt, type Scene } from './scene.ts'

const { MODELYARD_LIVE_OLLAMA: ollamaUrl, MODELYARD_LIVE_LLAMACPP: llamaUrl, MODELYARD_LIVE_OLLAMA_COMMAND: command } = process.env
const [first, second] = ['modelyard-live-bird', 'modelyard-live-wolf']

/** One chat in each dialect, streamed. */
const dialects: readonly (readonly [path: string, body: (prompt: string, tokens: number) => object])[] = [
  ['/v1/chat/completions', (content, max_tokens) => ({ max_tokens, messages: [{ role: 'user', content }] })],
  ['/v1/messages', (content, max_tokens) => ({ max_tokens, messages: [{ role: 'user', content }] })],
  ['/api/chat', (content, num_predict) => ({ options: { num_predict }, messages: [{ role: 'user', content }] })],
  ['/api/generate', (prompt, num_predict) => ({ options: { num_predict }, prompt })],
]

interface Piece {
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[]
  readonly delta?: { readonly text?: string }
  readonly message?: { readonly content?: unknown }
  readonly response?: string
}

function textIn(stream: string): string {
  const pieces = stream
    .split('\n')
    .flatMap((line) => (/^(?:data: )?\{/.test(line) ? [JSON.parse(line.replace('data: ', '')) as Piece] : []))
  return pieces
    .map(({ choices, delta, message, response }) => choices?.[0]?.delta?.content ?? delta?.text ?? message?.content ?? response)
    .filter((text) => typeof text === 'string')
    .join('')
}

const tooLong = /context_length_exceeded|prompt is too long|exceeds the available context size/
const leases = (scene: Scene): number => scene.test.yard.slots.get('default').leases

describe.runIf(ollamaUrl)('live Ollama', () => {
  let scene: Scene
  const url = ollamaUrl ?? ''

  beforeAll(async () => {
    await putInOllama(url, first, namedGguf('bird'))
    await putInOllama(url, second, namedGguf('wolf'))
    const models = { [`ollama/${first}:latest`]: { load: { contextLength: 256, keepAlive: '10m' } } }
    scene = await gatewayScene({ providers: ollamaAt(url), models, switchTo: `ollama/${first}` })
  }, 120_000)
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
    for (const name of [first, second]) await takeFromOllama(url, name)
  })

  const inMemory = async () => {
    const { models } = (await (await fetch(`${url}/api/ps`)).json()) as { models: { name: string; context_length: number }[] }
    return models.filter(({ name }) => name === `${first}:latest`).map(({ context_length }) => context_length)
  }

  it.each(dialects)('%s keeps the configured context, and refuses what is longer in its own words', async (path, body) => {
    const answer = await scene.ask(path, { model: 'default', stream: true, keep_alive: '1m', ...body('Hi', 8) })
    expect(textIn(await answer.text())).toBe('birdbird')
    expect(await inMemory()).toEqual([256])
    const long = await scene.ask(path, { model: 'default', stream: true, ...body('many words '.repeat(500), 8) })
    expect([long.status, await long.text()]).toEqual([400, expect.stringMatching(tooLong)])
    expect(await inMemory()).toEqual([256])
  })

  it.each(['overlap', 'replace'] as const)(
    'streams end on the model that admitted them while the slot moves: %s',
    async (policy) => {
      for (const to of [second, first]) {
        const streams = dialects.map(async ([path, body]) => {
          const answer = await scene.ask(path, { model: 'default', stream: true, ...body('Hi', 40) })
          return [answer.headers.get('x-modelyard-model')?.includes(first) ? 'bird' : 'wolf', textIn(await answer.text())] as const
        })
        expect((await scene.test.yard.slot('default').switch(`ollama/${to}`, { policy })).outcome).toBe('switched')
        for (const [name, text] of await Promise.all(streams)) expect(text).toMatch(new RegExp(`^(?:${name}){5}[${name}]+$`))
      }
      expect(leases(scene)).toBe(0)
    },
    120_000,
  )

  it.runIf(command)(
    'the ollama command lists, shows and runs, and is told what it may not',
    async () => {
      const home = await testFolder()
      const { token } = await scene.test.yard.tokens.create({ name: 'command' })
      const env = { PATH: process.env.PATH ?? '', HOME: home, TERM: 'dumb', OLLAMA_HOST: `${scene.url}/t/${token}` }
      const run = (...words: string[]): Promise<string> =>
        new Promise((resolve) => {
          execFile(command ?? '', words, { env, timeout: 60_000 }, (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`)).stdin?.end()
        })
      expect(await run('list')).toMatch(new RegExp(`^NAME[^]*\\ndefault [^]*\\nollama/${first}:latest `))
      expect(await run('ps')).toContain(`ollama/${first}:latest`)
      expect(await run('show', `ollama/${first}:latest`)).toMatch(/num_ctx +256/)
      expect(await run('show', 'nobody-has-this')).toContain('nobody-has-this')
      expect(await run('run', 'default', 'Hi')).toContain('birdbird')
      expect(await run('run', `ollama/${second}:latest`, 'Hi')).toContain('wolfwolf')
      expect(await run('pull', 'x')).toContain('modelyard pull')
      expect(await run('rm', 'x')).toContain('modelyard rm')
      await rm(home, { recursive: true, force: true })
    },
    180_000,
  )
})

describe.runIf(llamaUrl)('live llama-server', () => {
  let scene: Scene
  let model = ''
  const url = llamaUrl ?? ''

  beforeAll(async () => {
    scene = await gatewayScene({ providers: { live: { kind: 'llamacpp', baseUrl: url } } })
    const { models } = await scene.test.yard.models.list({ provider: 'live' })
    model = models.find(({ name }) => !/junk|broken/.test(name))?.ref ?? ''
  }, 120_000)
  afterAll(() => scene[Symbol.asyncDispose]())

  const slots = async () => (await (await fetch(`${url}/slots`)).json()) as { is_processing: boolean; n_ctx: number }[]
  const busy = async (): Promise<number> => (await slots()).filter((one) => one.is_processing).length

  it('has a context that takes long to fill, so that who leaves leaves something undone', async () => {
    expect((await slots())[0]?.n_ctx).toBeGreaterThanOrEqual(16_384)
  })

  it.each(dialects)('%s refuses what is too long, and ends the work of who leaves', async (path, body) => {
    const long = await scene.ask(path, { model, stream: true, ...body('many words '.repeat(20_000), 8) })
    expect([long.status, await long.text()]).toEqual([400, expect.stringMatching(tooLong)])
    const leaving = new AbortController()
    const answer = await scene.ask(path, { model, stream: true, ...body('Hi', 100_000) }, { signal: leaving.signal })
    await answer.body?.getReader().read()
    leaving.abort()
    // It looks for who has left once a second where nothing is streamed, and sees it at once where something is.
    await expect.poll(busy, { timeout: 3000, interval: 100 }).toBe(0)
  })
})
