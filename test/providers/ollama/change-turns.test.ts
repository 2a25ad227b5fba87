/** Changes of one Ollama do not overlap, whichever process asks for them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { tryLock } from '../../../src/platform/kernel-lock.ts'
import { changeLock, createChangeTurns } from '../../../src/providers/ollama/change-turns.ts'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import { fakeOllama } from '../../../src/testing/fakes/fake-ollama.ts'
import { providerConfig } from '../openai-chat/scripted-engine.ts'
import { limits } from './with-ollama.ts'

const { signal } = new AbortController()
const pause = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

it('of two that call it by different names, as of two processes, one waits for the other', async () => {
  let [running, most, done] = [0, 0, 0]
  const change = async (): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    for (let turn = 0; turn < 5; turn += 1) await pause()
    running -= 1
    done += 1
  }
  const providers = ['http://127.0.0.1:1', 'http://localhost:1'].map(createChangeTurns)
  const all = providers.flatMap((inTurn) => Array.from({ length: 6 }, () => inTurn(signal, change)))
  await Promise.all(all)
  expect([running, most, done]).toEqual([0, 1, 12])
})

it('a delete waits for whoever has the turn, until its signal comes', async () => {
  await using ollama = await fakeOllama({ models: [{ name: 'held:latest' }] })
  const provider = createOllama(providerConfig({ kind: 'ollama', baseUrl: ollama.url }), limits)
  const { folder, purpose } = changeLock(ollama.url)
  const lock = await tryLock(folder, purpose)
  const stop = new AbortController()
  const removing = provider.removing?.perform('held', { foreign: false }, stop.signal)
  await ollama.waitFor(() => ollama.ledger.some(({ path }) => path === '/api/tags'))
  stop.abort(new Error('enough'))
  await expect(removing).rejects.toThrow('enough')
  expect(ollama.ledger.filter(({ method }) => method === 'DELETE')).toEqual([])
  await lock?.release()
  await provider.removing?.perform('held', { foreign: false }, signal)
  expect(ollama.shelf.models).toEqual([])
  await provider.close()
})

it('whoever is killed in its turn gives it up', async () => {
  const address = 'http://127.0.0.1:2'
  const path = new URL('./fixtures/hold-turn.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', path, address], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  const done: string[] = []
  const mine = createChangeTurns(address)(signal, async () => void done.push('mine'))
  const { folder, purpose } = changeLock(address)
  expect(await tryLock(folder, purpose)).toBeUndefined()
  done.push('killed')
  child.kill('SIGKILL')
  await Promise.all([mine, exited])
  expect(done).toEqual(['killed', 'mine'])
})
