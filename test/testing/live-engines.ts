/** Live engines as subjects of the suite. Ollama gets tiny models of its own for it, and gives them back. */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Provider } from '../../src/providers/provider.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'
import type { ConformanceSubject } from '../../src/testing/provider-suite.ts'
import { modelIn } from '../support/import-model.ts'
import { testFolder } from '../support/test-yard.ts'

const chat = 'modelyard-live-a'
const other = 'modelyard-live-b'

export async function liveOllama(url: string, provider: Provider): Promise<ConformanceSubject> {
  await putInOllama(url, chat, tinyGguf())
  await putInOllama(url, other, tinyGguf({ seed: 2 }))
  const library = await testFolder()
  const importable = await modelIn(library, { repo: 'modelyard-live/New-GGUF', weights: { 'new-F32.gguf': tinyGguf({ seed: 3 }) } })
  return {
    provider,
    models: { chat, other, importable },
    async [Symbol.asyncDispose]() {
      for (const name of [chat, other]) {
        await provider.unload({ name }, AbortSignal.timeout(30_000)).catch(() => undefined)
        await takeFromOllama(url, name)
      }
      await provider.close()
      await rm(library, { recursive: true, force: true })
    },
  }
}

/** A model of this name, in place of one that was there. */
export async function putInOllama(url: string, model: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  await expectOk(fetch(`${url}/api/blobs/${digest}`, { method: 'POST', body: bytes }))
  await expectOk(
    fetch(`${url}/api/create`, { method: 'POST', body: JSON.stringify({ model, files: { [`${model}.gguf`]: digest }, stream: false }) }),
  )
}

export async function takeFromOllama(url: string, model: string): Promise<void> {
  await fetch(`${url}/api/delete`, { method: 'DELETE', body: JSON.stringify({ model }) })
}

async function expectOk(answer: Promise<Response>): Promise<void> {
  const response = await answer
  const text = await response.text()
  if (!response.ok) throw new TypeError(`${response.url}: ${response.status} ${text}`)
}

/** Whatever it lists: the first chat model, a second where there is one; a file named junk is one that cannot load. */
export async function liveLlamaCpp(provider: Provider): Promise<ConformanceSubject> {
  const listed = (await provider.list(AbortSignal.timeout(10_000))).filter((one) => one.kind === 'chat').map((one) => one.name)
  const broken = listed.find((name) => /junk|broken/.test(name))
  const [first, second] = listed.filter((name) => name !== broken)
  if (first === undefined) throw new TypeError('the live llama-server lists no chat model')
  return {
    provider,
    models: { chat: first, other: second, broken },
    async [Symbol.asyncDispose]() {
      for (const one of await provider.loaded(AbortSignal.timeout(10_000)).catch(() => [])) {
        await provider.unload({ name: one.name }, AbortSignal.timeout(30_000)).catch(() => undefined)
      }
      await provider.close()
    },
  }
}
