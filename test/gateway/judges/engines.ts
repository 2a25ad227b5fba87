/**
 * What a real client speaks to: a gateway over each engine, real llama.cpp among them. Each has a model that answers and
 * calls tools and serves the default slot, one that thinks, and one that makes vectors.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type FakeServer, fakeLlamaServer, fakeLmStudio, fakeOllama, fakeOpenAi, namedGguf, tinyGguf } from '../../../src/testing/index.ts'
import { childrenOf } from '../../support/processes.ts'
import { type TestYardOptions, testFolder } from '../../support/test-yard.ts'
import { gatewayScene, type Scene } from '../scene.ts'

export interface Judged extends AsyncDisposable {
  readonly scene: Scene
  readonly url: string
  /** Refs; `chat` serves the default slot. */
  readonly chat: string
  readonly thinker: string
  readonly embedder: string
  /** What the one that answers says. */
  readonly says: RegExp
  /** Ollama's engine cannot be made to call a tool. */
  readonly forcesTools: boolean
  readonly countsTokens: boolean
  /** It cannot be kept from thinking. */
  readonly thinksUnasked: boolean
  readonly hasResponses: boolean
  /** It says what is in memory. */
  readonly tellsMemory: boolean
  /**
   * What a client throws that reads an answer which breaks in the middle, in each way in which this engine can. It calls
   * `begun` after its first piece, and asks for thousands.
   */
  broken(read: (begun: () => Promise<void>) => Promise<unknown>): Promise<Error>
}

export interface Engine {
  readonly name: string
  start(): Promise<Judged>
}

type Facts = Pick<Judged, 'says' | 'forcesTools' | 'countsTokens' | 'thinksUnasked' | 'hasResponses' | 'tellsMemory'>
type Providers = NonNullable<TestYardOptions['providers']>

const fakeModels = [
  { name: 'tiny', tools: true },
  { name: 'thinker', reasoning: true },
  { name: 'embedder', kind: 'embedding' as const },
]
const says = /^tiny#0 tiny#1 /
const plain: Facts = { says, forcesTools: true, countsTokens: false, thinksUnasked: false, hasResponses: false, tellsMemory: true }

export const engines: readonly Engine[] = [
  { name: 'the embedded engine', start: overEmbedded },
  {
    name: 'Ollama',
    start: () =>
      over(fakeOllama({ models: fakeModels }), 'ollama', (baseUrl) => ({ ollama: { enabled: true, baseUrl } }), {
        ...plain,
        forcesTools: false,
        hasResponses: true,
      }),
  },
  {
    name: 'llama-server',
    start: () =>
      over(
        fakeLlamaServer({ models: fakeModels, router: true }),
        'llamacpp',
        (baseUrl) => ({ llamacpp: { enabled: true, kind: 'llamacpp', baseUrl } }),
        { ...plain, countsTokens: true },
      ),
  },
  {
    name: 'LM Studio',
    start: () =>
      over(fakeLmStudio({ models: fakeModels }), 'lmstudio', (baseUrl) => ({ lmstudio: { enabled: true, kind: 'lmstudio', baseUrl } }), {
        ...plain,
        thinksUnasked: true,
      }),
  },
  {
    name: 'vLLM',
    start: () =>
      over(fakeOpenAi({ models: fakeModels }), 'other', (url) => ({ other: { kind: 'openai-compatible', baseUrl: `${url}/v1` } }), {
        ...plain,
        hasResponses: true,
        tellsMemory: false,
      }),
  },
]

async function over(starting: Promise<FakeServer>, id: string, at: (url: string) => Providers, facts: Facts): Promise<Judged> {
  const engine = await starting
  const scene = await gatewayScene({ providers: at(engine.url), switchTo: `${id}/tiny` })
  return {
    ...judged(scene, id, { chat: 'tiny', thinker: 'thinker', embedder: 'embedder' }),
    ...facts,
    async broken(read) {
      let error = new Error('not asked')
      for (const fault of [{ kind: 'error-inside', message: 'it fell over', after: 2 } as const, { kind: 'cut', after: 2 } as const]) {
        engine.faults.add({ method: 'POST', fault })
        let hasBegun = false
        error = await thrownBy(
          scene,
          read(async () => {
            hasBegun = true
          }),
        )
        engine.faults.clear()
        expect([fault.kind, hasBegun]).toEqual([fault.kind, true])
      }
      return error
    },
    async [Symbol.asyncDispose]() {
      await scene[Symbol.asyncDispose]()
      await engine.close()
    },
  }
}

const judged = (scene: Scene, id: string, names: { readonly chat: string; readonly thinker: string; readonly embedder: string }) => ({
  scene,
  url: scene.url,
  chat: `${id}/${names.chat}`,
  thinker: `${id}/${names.thinker}`,
  embedder: `${id}/${names.embedder}`,
})

/** A model of this family begins each call of a tool with its name, which is all that it can say. */
const calls =
  '{% for t in tools or [] %}{{ t | tojson }}{% endfor %}{% for m in messages %}{{ m.role }}: {{ m.content }}{% for c in m.tool_calls or [] %}maple{{ c.function.name }}={{ c.function.arguments | tojson }};{% endfor %}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}'
/** Of this one every answer begins inside a thought, which it never ends. */
const thinks =
  "{% for m in messages %}{% if m.role == 'assistant' %}assistant: <think>{{ m.content }}\n{% else %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}{% if add_generation_prompt %}assistant: <think>{% endif %}{# </think> #}"

async function overEmbedded(): Promise<Judged> {
  const folder = await testFolder()
  const library = join(folder, 'library')
  await mkdir(library)
  const files = {
    maple: namedGguf('maple', { contextLength: 2048, chatTemplate: calls }),
    birch: namedGguf('birch', { chatTemplate: thinks }),
    vectors: tinyGguf({ embedding: true }),
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(library, `${name}.gguf`), bytes)
  const providers: Providers = { embedded: { enabled: true, kind: 'embedded', threads: 1, gpu: false } }
  const scene = await gatewayScene({ providers, library, switchTo: 'embedded/maple' })
  return {
    ...judged(scene, 'embedded', { chat: 'maple', thinker: 'birch', embedder: 'vectors' }),
    says: /^maplemap/,
    forcesTools: true,
    countsTokens: true,
    thinksUnasked: false,
    hasResponses: false,
    tellsMemory: true,
    broken(read) {
      let killing: Promise<void> | undefined
      return thrownBy(
        scene,
        read(() => {
          killing ??= killEngine()
          return killing
        }),
      )
    },
    async [Symbol.asyncDispose]() {
      await scene[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** All that this process has started is the engine. */
async function killEngine(): Promise<void> {
  for (const pid of await childrenOf(process.pid)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile: the one that listed them is among them.
    }
  }
}

/** And the lease is back. */
async function thrownBy(scene: Scene, reading: Promise<unknown>): Promise<Error> {
  const error = await reading.then(
    (read) => expect.fail(`it read ${JSON.stringify(read)} without an error`),
    (thrown: Error) => thrown,
  )
  await expect.poll(() => scene.test.yard.slots.get('default').leases).toBe(0)
  return error
}
