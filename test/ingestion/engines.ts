/** A stand-in Hub with one tiny model, and engines with folders of their own, around a yard. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigFile, Job, JobRequest } from '../../src/contract/index.ts'
import { type FakeHub, fakeHub } from '../../src/testing/fakes/fake-hub.ts'
import type { FakeHubFile } from '../../src/testing/fakes/fake-hub-shelf.ts'
import { type FakeLmStudio, fakeLmStudio } from '../../src/testing/fakes/fake-lmstudio.ts'
import { type FakeOllama, fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'
import { type TestYard, type TestYardOptions, testYard } from '../support/test-yard.ts'

/** What is outside of a yard. */
export interface Surroundings extends AsyncDisposable {
  readonly hub: FakeHub
  readonly ollama: FakeOllama
  readonly studio: FakeLmStudio
  /** Where the engines keep their files. */
  readonly folders: { readonly ollama: string; readonly studio: string; readonly root: string }
  /** Of a yard in the middle of it. */
  readonly settings: TestYardOptions & { readonly home: string }
}

export interface Scene extends Surroundings {
  readonly test: TestYard
  /** The same home again, as after a restart; with these variables. */
  restart(env?: NodeJS.ProcessEnv): Promise<TestYard>
}

export const tiny = tinyGguf({ name: 'Tiny' })
/** The same model with nothing behind its tensors: many blocks long. */
export const longTiny = Buffer.concat([tiny, Buffer.alloc(6 * 2 ** 20)])
export const repo = 'lab/Tiny-GGUF'
export const request = (more: Partial<JobRequest> = {}): JobRequest => ({ repo, quantization: 'Q4_0', ...more }) as JobRequest

export interface SceneOptions {
  readonly files?: readonly FakeHubFile[]
  readonly hub?: Partial<Parameters<typeof fakeHub>[0]>
  readonly providers?: ConfigFile['providers']
  /** A folder that is not there yet; a temporary one when absent. */
  readonly root?: string
  /** Its sizes are what its models say. */
  readonly storeless?: boolean
  readonly ollama?: Parameters<typeof fakeOllama>[0]
  readonly studio?: Parameters<typeof fakeLmStudio>[0]
}

export async function surroundings(options: SceneOptions = {}): Promise<Surroundings> {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'modelyard-scene-')))
  if (options.root !== undefined) await mkdir(root)
  const folders = { root, ollama: join(root, 'ollama'), studio: join(root, 'studio') }
  await mkdir(folders.studio)
  await mkdir(folders.ollama)
  const files = options.files ?? [{ path: 'tiny-Q4_0.gguf', content: tiny }]
  const hub = await fakeHub({ repositories: [{ repo, files, licence: 'mit' }], ...options.hub })
  const ollama = await fakeOllama({ ...options.ollama, ...(!options.storeless && { store: folders.ollama }) })
  const studio = await fakeLmStudio({ ...options.studio, modelsDir: folders.studio })
  const settings = {
    home: join(root, 'home'),
    hub: { endpoint: hub.url },
    providers: {
      lmstudio: { kind: 'lmstudio', enabled: true, baseUrl: studio.url, modelsDir: folders.studio },
      ollama: { kind: 'ollama', enabled: true, baseUrl: ollama.url, modelsDir: folders.ollama },
      ...options.providers,
    } as const,
  }
  return {
    hub,
    ollama,
    studio,
    folders,
    settings,
    async [Symbol.asyncDispose]() {
      await Promise.all([hub.close(), ollama.close(), studio.close()])
      await rm(root, { recursive: true, force: true })
    },
  }
}

export async function scene(options: SceneOptions = {}): Promise<Scene> {
  const around = await surroundings(options)
  let test = await testYard(around.settings)
  return {
    ...around,
    get test() {
      return test
    },
    async restart(env) {
      test = await test.restart(env)
      return test
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await around[Symbol.asyncDispose]()
    },
  }
}

/** Starts it and waits for its end. */
export async function got({ test }: Scene, wanted: JobRequest): Promise<Job> {
  return (await test.yard.jobs.start(wanted)).ended()
}
