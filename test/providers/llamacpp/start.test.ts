import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLlamaCpp } from '../../../src/providers/llamacpp/index.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { notAborted, providerConfig, scriptedEngine } from '../openai-chat/scripted-engine.ts'

/** A command that notes its arguments and pid and then runs `code`; nothing listens yet at `baseUrl`. */
async function withCommand(code: string, run: (provider: Provider, place: { baseUrl: string; log: string }) => Promise<void>) {
  const gone = await scriptedEngine(() => undefined)
  await gone[Symbol.asyncDispose]()
  const folder = await mkdtemp(join(tmpdir(), 'modelyard-llamacpp-'))
  const command = join(folder, 'llama-server')
  const log = join(folder, 'calls.json')
  const noted = `JSON.stringify({ args: process.argv.slice(2), pid: process.pid, ours: Object.keys(process.env).filter((name) => name.startsWith('MODELYARD_')) })`
  await writeFile(command, `#!${process.execPath}\nrequire('node:fs').writeFileSync(${JSON.stringify(log)}, ${noted})\n${code}\n`)
  await chmod(command, 0o755)
  const provider = createLlamaCpp(providerConfig({ kind: 'llamacpp', baseUrl: gone.url, command, modelsDir: folder }))
  process.env.MODELYARD_TOKEN = 'mdy_secret'
  try {
    await run(provider, { baseUrl: gone.url, log })
  } finally {
    delete process.env.MODELYARD_TOKEN
    await provider.close()
    await rm(folder, { recursive: true })
  }
}

const router = `
const port = process.argv[process.argv.indexOf('--port') + 1]
require('node:http').createServer((request, response) => {
  response.setHeader('server', 'llama.cpp')
  response.setHeader('content-type', 'application/json')
  response.end(request.url === '/props' ? '{"role":"router","max_instances":4,"build_info":"b1"}' : request.url === '/models' ? '{"data":[]}' : '{"status":"ok"}')
}).listen(Number(port), '127.0.0.1')`

describe('starting llama-server', () => {
  it('runs it as a router over the folder of models, and ends it with the provider', async () => {
    await withCommand(router, async (provider, { baseUrl, log }) => {
      expect(await provider.probe(notAborted())).toMatchObject({ state: 'stopped', capabilities: { start: true } })
      await provider.start?.(notAborted())
      expect(await provider.probe(notAborted())).toMatchObject({ state: 'ready', capabilities: { load: 'polled', multipleModels: true } })
      const { args, pid, ours } = JSON.parse(await readFile(log, 'utf8'))
      expect(args).toEqual([
        '--models-dir',
        expect.stringContaining('modelyard-llamacpp-'),
        '--host',
        '127.0.0.1',
        '--port',
        new URL(baseUrl).port,
      ])
      expect(ours).toEqual([])
      await provider.close()
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    })
  })

  it('says so when it ends before it answers', async () => {
    await withCommand('process.exit(7)', async (provider) => {
      await expect(provider.start?.(notAborted())).rejects.toMatchObject({ code: 'provider_error', message: expect.stringContaining('7') })
    })
  })

  it('leaves no process behind when it is given up', async () => {
    await withCommand('setInterval(() => {}, 1000)', async (provider, { log }) => {
      const abort = new AbortController()
      const starting = provider.start?.(abort.signal)
      const refused = expect(starting).rejects.toMatchObject({ code: 'cancelled' })
      await expect.poll(() => readFile(log, 'utf8').catch(() => '')).toMatch(/\}$/)
      const { pid } = JSON.parse(await readFile(log, 'utf8'))
      abort.abort()
      await refused
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    })
  })
})
