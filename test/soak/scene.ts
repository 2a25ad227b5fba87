/** Everything that a soak is about: engines, the service over them, its slots; and how it comes to rest. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '../../src/client/index.ts'
import { findEngine } from '../../src/providers/embedded/engine-folder.ts'
import { namedGguf } from '../../src/testing/index.ts'
import { modelIn } from '../support/import-model.ts'
import { descendantsOf } from '../support/processes.ts'
import { type SoakEngine, soakEngine } from './engine.ts'
import { type SoakService, soakService, token } from './service.ts'

export interface SoakScene extends AsyncDisposable {
  readonly service: SoakService
  readonly client: Client
  readonly engines: readonly SoakEngine[]
  readonly slots: readonly string[]
  readonly refs: readonly string[]
  readonly embedded: readonly string[]
  metrics(): Promise<string>
  children(): Promise<number>
  killEmbedded(): Promise<void>
}

const off = { enabled: false }
const limits = { queueSeconds: 4, drainSeconds: 4 }
const firstModels = { default: 'ollama/a:latest', code: 'vllm/c', fast: 'llama/d' }

export async function soakScene(): Promise<SoakScene> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-soak-'))
  const library = join(home, 'library')
  const engines = await Promise.all([
    soakEngine({ kind: 'ollama', models: [{ name: 'a:latest' }, { name: 'b:latest' }], tokensPerSecond: 400 }),
    soakEngine({ kind: 'openai', models: [{ name: 'c' }] }),
    soakEngine({ kind: 'llamacpp', models: [{ name: 'd' }, { name: 'e' }], tokensPerSecond: 400, maxLoaded: 2 }),
  ])
  const [ollama, openai, llama] = engines as [SoakEngine, SoakEngine, SoakEngine]
  const hasEmbedded = (await findEngine({ home })) !== undefined
  if (hasEmbedded) await modelIn(library, { repo: 'lab/tiny', weights: { 'foxy.gguf': namedGguf('foxy'), 'gnu.gguf': namedGguf('gnu') } })
  const service = await soakService({
    home,
    library,
    port: 0,
    providers: {
      ollama: { enabled: true, baseUrl: ollama.url },
      vllm: { kind: 'openai-compatible', baseUrl: `${openai.url}/v1` },
      llama: { kind: 'llamacpp', baseUrl: llama.url },
      lmstudio: off,
      llamacpp: off,
      embedded: hasEmbedded ? { enabled: true, threads: 1 } : off,
    },
    slots: { default: limits, code: { ...limits, maxRequests: 6 }, fast: limits },
  })
  const client = createClient({ url: service.url, token })
  const embedded = hasEmbedded ? ['embedded/lab/tiny/foxy', 'embedded/lab/tiny/gnu'] : []
  for (const [slot, ref] of Object.entries(firstModels)) {
    const { outcome, error } = await client.slot(slot).switch(ref)
    if (outcome !== 'switched') throw new Error(`${slot} to ${ref}: ${outcome} ${error?.message}`)
  }
  return {
    service,
    client,
    engines,
    embedded,
    slots: Object.keys(firstModels),
    refs: ['ollama/a:latest', 'ollama/b:latest', 'vllm/c', 'llama/d', 'llama/e', ...embedded],
    async metrics() {
      const answer = await fetch(`${service.url}/yard/v1/metrics`, { headers: { authorization: `Bearer ${token}` } })
      return answer.text()
    },
    children: async () => (await descendantsOf(service.pid)).length,
    async killEmbedded() {
      for (const pid of await descendantsOf(service.pid)) killIfThere(pid)
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await Promise.all(engines.map((one) => one[Symbol.asyncDispose]()))
      await rm(home, { recursive: true, force: true })
    },
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

/** All engines run and answer well, every slot serves what it served first, and nothing is loaded that is not asked for. Throws where that fails. */
export async function comeToRest({ engines, client, embedded }: SoakScene): Promise<void> {
  for (const engine of engines) {
    await engine.start()
    engine.noFaults()
  }
  for (const [slot, ref] of Object.entries(firstModels)) {
    const { outcome, error } = await client.slot(slot).switch(ref, { policy: 'replace' })
    if (outcome !== 'switched' && outcome !== 'already_active') throw new Error(`${slot} to ${ref}, at rest: ${outcome} ${error?.message}`)
  }
  for (const ref of embedded) await client.models.unload(ref).catch(() => undefined)
}
