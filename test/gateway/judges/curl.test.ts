/** `curl`, as people type it and as the documents show it, over every engine. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines, type Judged } from './engines.ts'

const root = join(import.meta.dirname, '../../..')
const usual = 'http://127.0.0.1:7411'
const gateway = /127\.0\.0\.1:7411\/(?:v1|api|t\/)/

/** Commands of the pages that ask the gateway, each in one line. */
const shown = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true }).map((name) => join('docs', String(name)))]
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/```console\n([\s\S]*?)```/g)].map(([, block = '']) => ({ page, block })),
  )
  .flatMap(({ page, block }) =>
    block
      .replace(/\\\n */g, '')
      .split('\n')
      .map((line) => ({ page, command: line.replace(/^\$ /, '') })),
  )
  .filter(({ command }) => command.startsWith('curl ') && gateway.test(command))

const json = "-H 'Content-Type: application/json'"
const bearer = '-H "Authorization: Bearer $TOKEN"'
const chat = '"model":"default","messages":[{"role":"user","content":"Hello"}]'

describe.each(engines)('curl over $name', ({ start }) => {
  let judged: Judged
  let token: string
  const run = (command: string, TOKEN = token, begun: () => void = () => undefined) =>
    new Promise<{ code: unknown; said: string }>((resolve) => {
      const env = { PATH: process.env.PATH, TOKEN }
      const done = (error: { code?: unknown } | null, said: string): void => resolve({ code: error?.code ?? 0, said })
      const child = execFile('sh', ['-c', command.replaceAll(usual, judged.url)], { env, maxBuffer: 2 ** 24 }, done)
      child.stdout?.once('data', begun)
    })

  beforeAll(async () => {
    judged = await start()
    const made = await judged.scene.test.yard.tokens.create({ name: 'curl', scope: 'gateway' })
    token = made.token
  }, 90_000)
  afterAll(() => judged[Symbol.asyncDispose]())

  it.each(shown)('$page: $command', async ({ command }) => {
    const { code, said } = await run(command)
    expect([code, said]).toEqual([0, expect.stringMatching(/./)])
    expect(said).not.toMatch(/"error":(?!null)/)
  })

  it('chats in every dialect, at once and streamed', async () => {
    const limit = '"max_tokens":8'
    for (const [command, last] of [
      [`curl -s ${usual}/v1/chat/completions ${bearer} ${json} -d '{${chat},${limit}}'`, /"finish_reason":"length"/],
      [`curl -sN ${usual}/v1/chat/completions ${bearer} ${json} -d '{${chat},${limit},"stream":true}'`, /data: \[DONE\]\s*$/],
      [`curl -s ${usual}/v1/messages -H "x-api-key: $TOKEN" ${json} -d '{${chat},${limit}}'`, /"stop_reason":"max_tokens"/],
      [`curl -sN ${usual}/t/$TOKEN/v1/messages ${json} -d '{${chat},${limit},"stream":true}'`, /event: message_stop\n.*\s*$/],
      [`curl -sN ${usual}/t/$TOKEN/api/chat -d '{${chat},"options":{"num_predict":8}}'`, /"done":true.*\n$/],
      [
        `curl -s ${usual}/t/$TOKEN/api/generate -d '{"model":"default","prompt":"Hello","stream":false,"options":{"num_predict":8}}'`,
        /"done":true/,
      ],
    ] as const) {
      const { code, said } = await run(command)
      expect([code, said]).toEqual([0, expect.stringMatching(last)])
    }
  })

  it('sees who answered', async () => {
    const { said } = await run(
      `curl -si ${usual}/v1/chat/completions ${bearer} ${json} -d '{${chat},"max_tokens":3}' | grep -i '^x-modelyard'`,
    )
    const [model, ...rest] = said.split(/\r?\n/)
    expect([model, rest]).toEqual([expect.stringContaining(`x-modelyard-model: ${judged.chat}`), ['x-modelyard-epoch: 1', '']])
    expect((await run(`curl -s ${usual}/t/$TOKEN/`)).said).toBe('Ollama is running')
    expect((await run(`curl -sI ${usual}/t/$TOKEN/`)).said).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  })

  it('is told what is wrong, with the status of it', async () => {
    const asked = (body: string): string => `curl -s -w '\\n%{http_code}' ${usual}/v1/chat/completions ${bearer} ${json} -d '${body}'`
    expect((await run(asked(`{${chat}}`), 'wrong')).said).toMatch(/"code":"invalid_api_key".*\n401$/)
    expect((await run(asked(`{${chat.replace('default', 'no-such-model')}}`))).said).toMatch(/"code":"model_not_found".*\n404$/)
    expect((await run(asked('{"model":'))).said).toMatch(/not JSON.*\n400$/)
    expect((await run(`curl -s -w '\\n%{http_code}' ${usual}/v1/none ${bearer}`)).said).toMatch(/\n404$/)
  })

  it('sees where a stream broke', async () => {
    const error = await judged.broken(async (begun) => {
      const command = `curl -sN ${usual}/v1/chat/completions ${bearer} ${json} -d '{${chat},"stream":true,"max_tokens":6000}'`
      const { said } = await run(command, token, () => void begun())
      if (/\[DONE\]/.test(said)) return said
      throw new Error(said)
    })
    expect(error.message).toMatch(/data: \{"error":\{[^\n]*\n\n$/)
  })
})
