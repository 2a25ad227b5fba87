import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOllama } from '../../../src/providers/ollama/index.ts'
import type { Imported, Importing, ImportModel, LocalFile, Provider } from '../../../src/providers/provider.ts'
import { type FakeOllama, type FakeOllamaOptions, fakeOllama } from '../../../src/testing/fakes/fake-ollama.ts'
import { providerConfig } from '../openai-chat/scripted-engine.ts'
import { limits } from './with-ollama.ts'

export interface Yard {
  readonly engine: FakeOllama
  readonly provider: Provider
  readonly importing: Importing
  readonly store: string
  readonly library: string
  /** A file of the library. */
  file(name: string, bytes?: Uint8Array): Promise<LocalFile>
  /** Names that the engine lists. */
  names(): Promise<string[]>
  blobs(): Promise<string[]>
}

/** A fake Ollama with a store on disk, a provider that knows it, and a library on the same volume. */
export async function withStore(
  run: (yard: Yard) => Promise<void>,
  options: Partial<FakeOllamaOptions> & {
    /** What the provider takes for its store. */
    readonly known?: (folder: string) => readonly string[]
    /** Where the folders are made. */
    readonly storeBelow?: string
  } = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'modelyard-ollama-'))
  const below = options.storeBelow === undefined ? folder : await mkdtemp(join(options.storeBelow, 'modelyard-ollama-'))
  const [store, library] = [join(below, 'store'), join(folder, 'library')]
  await mkdir(library)
  const { known = () => [store], storeBelow: _, ...rest } = options
  const engine = await fakeOllama({ store, ...rest })
  const config = providerConfig({ kind: 'ollama', baseUrl: engine.url })
  const provider = createOllama(config, limits, { library, stores: known(folder) })
  try {
    await run({
      engine,
      provider,
      importing: provider.importing as Importing,
      store,
      library,
      file: (name, bytes) => fileIn(library, name, bytes),
      names: async () => (await provider.list(soon())).map((one) => one.name),
      blobs: () => readdir(join(store, 'blobs')),
    })
  } finally {
    await provider.close()
    await engine.close()
    for (const one of [folder, below]) await rm(one, { recursive: true, force: true })
  }
}

/** The first bytes are those of a GGUF: more the fake does not look at. */
export const weights = (text: string): Buffer => Buffer.from(`GGUF ${text}`)

export async function fileIn(folder: string, name: string, bytes: Uint8Array = weights(name)): Promise<LocalFile> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return { name, path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

export const modelOf = (file: LocalFile, more: Partial<ImportModel> = {}): ImportModel => ({
  repo: 'lab/Tiny-GGUF',
  quantization: 'Q4_K_M',
  weights: [file],
  architecture: 'llama',
  parameters: 123_200,
  ...more,
})

export const soon = (): AbortSignal => AbortSignal.timeout(30_000)
export const linksOf = (path: string): number => lstatSync(path).nlink
export const isSameFile = (a: string, b: string): boolean => lstatSync(a).ino === lstatSync(b).ino && lstatSync(a).dev === lstatSync(b).dev

export async function imported({ importing }: Yard, model: ImportModel, progress: number[] = []): Promise<Imported> {
  const decision = await importing.plan(model, soon())
  return importing.perform(model, decision, { signal: soon(), onProgress: (done) => void progress.push(done) })
}

export const blobOf = (store: string, sha256: string): string => join(store, 'blobs', `sha256-${sha256}`)

/** Does anything listen there? */
export const answersAt = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = '', port] = address.split(':')
    const socket = connect({ host, port: Number(port) })
    socket
      .once('error', () => resolve(false))
      .once('connect', () => {
        socket.destroy()
        resolve(true)
      })
  })
