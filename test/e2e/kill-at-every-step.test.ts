/**
 * The service killed at each step of a switch, for real: real processes, real llama.cpp. After the next start the slot
 * serves, or says why not; the `.env` is one of the two whole files; no child is left.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Client, createClient } from '../../src/client/index.ts'
import { namedGguf } from '../../src/testing/gguf/named-gguf.ts'
import { childrenOf, gone } from '../support/processes.ts'
import { testFolder } from '../support/test-yard.ts'

const program = new URL('../../src/cli/main.ts', import.meta.url).pathname
const oldModel = 'lab/tiny/maple'
const newModel = 'lab/tiny/birch'
const envOf = (model: string): string => `KEEP=this # line\nMODELYARD_MODEL=${model}\nMODELYARD_PROVIDER=embedded\n`

interface Running extends AsyncDisposable {
  readonly process: ChildProcess
  readonly client: Client
  kill(): Promise<void>
}

async function start(home: string): Promise<Running> {
  const env = { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:1' }
  const child = spawn(process.execPath, ['--import', 'tsx', program, 'serve', '--home', home, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data) => resolve(String(data)))
    child.once('exit', (code) => reject(new TypeError(`serve ended with ${code}`)))
  })
  const { url, tokenFile } = JSON.parse(line) as { url: string; tokenFile: string }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  return {
    process: child,
    client: createClient({ url, token: (await readFile(tokenFile, 'utf8')).trim() }),
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

const config = JSON.stringify({
  providers: {
    ollama: { enabled: false },
    lmstudio: { enabled: false },
    llamacpp: { enabled: false },
    embedded: { threads: 1, gpu: false },
  },
})

async function newHome(): Promise<string> {
  const home = await testFolder()
  const folder = join(home, 'library', 'lab', 'tiny')
  await mkdir(folder, { recursive: true })
  await writeFile(join(home, 'modelyard.config.jsonc'), config)
  await writeFile(join(home, '.env'), 'KEEP=this # line\n')
  for (const name of ['maple', 'birch']) await writeFile(join(folder, `${name}.gguf`), namedGguf(name))
  return home
}

/** Kills the service as soon as the step is seen to begin; at `end`, when the result is there. */
async function killAt(running: Running, step: string): Promise<void> {
  const { client } = running
  const stop = new AbortController()
  const seen = (async () => {
    for await (const event of client.events({ signal: stop.signal })) {
      if (event.type === 'snapshot')
        void client
          .slot('default')
          .switch(newModel)
          .catch(() => undefined)
      if (event.type === 'switch.finished' || (event.type === 'switch.step' && event.step === step)) return
    }
  })()
  await seen
  const children = await childrenOf(running.process.pid)
  await running.kill()
  stop.abort()
  await Promise.all(children.map(gone))
}

describe('kill -9 of the service', () => {
  it.each(['wait_turn', 'make_room', 'load', 'verify', 'persist', 'end'])(
    'at %s of a switch',
    async (step) => {
      const home = await newHome()
      try {
        await using first = await start(home)
        expect(await first.client.slot('default').switch(oldModel)).toMatchObject({ outcome: 'switched' })
        await killAt(first, step)
        expect([envOf(oldModel), envOf(newModel)]).toContain(await readFile(join(home, '.env'), 'utf8'))

        await using second = await start(home)
        const { model, text } = await second.client.chat().complete({ messages: [{ role: 'user', content: 'Who are you?' }], maxTokens: 5 })
        const name = model.split('/').at(-1)
        expect([oldModel, newModel].map((one) => `embedded/${one}`)).toContain(model)
        expect(text).toBe(name)
        const { envFile } = await second.client.status()
        expect(await readFile(envFile.path, 'utf8')).toBe(envOf(model.replace('embedded/', '')))
        // The history says what became of the switch, and no note of it is left.
        for (const one of await second.client.switches.list()) expect(one.outcome).toBeDefined()
        expect(await readFile(join(home, 'intents.json'), 'utf8')).toBe('{}\n')
      } finally {
        await rm(home, { recursive: true, force: true })
      }
    },
    60_000,
  )
})
