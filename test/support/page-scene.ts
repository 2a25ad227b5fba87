/** All that a test of the page needs: a real service on a port of its own, with a Hub and engines around it, and a way to sign in. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConfigFile } from '../../src/contract/index.ts'
import { type Service, serve } from '../../src/server/serve.ts'
import { readOrMakeToken } from '../../src/store/token.ts'
import { namedGguf } from '../../src/testing/gguf/named-gguf.ts'
import type { Yard } from '../../src/yard/yard.ts'
import { type SceneOptions, type Surroundings, surroundings } from '../ingestion/engines.ts'
import { libraryPathOf, manyModels, ollamaModels, repositories, studioModels } from './page-models.ts'
import { testSettings } from './test-yard.ts'

export interface PageOptions {
  /** So many in the fake Ollama, instead of the usual few; they have no files there. */
  readonly models?: number
  /** Names of tiny models in the library, served by real llama.cpp; each says its name. */
  readonly embedded?: readonly string[]
  /** No engine has a model: what a person sees first. */
  readonly bare?: boolean
  /** Where all of it is, made for it and gone with it; else a temporary folder. */
  readonly root?: string
  /** The fake Ollama tells of models without files: they are as big as they say. */
  readonly storeless?: boolean
  readonly hub?: SceneOptions['hub']
  readonly ollama?: SceneOptions['ollama']
  readonly studio?: SceneOptions['studio']
  readonly slots?: ConfigFile['slots']
}

/** A page of either browser. */
export type Opens = { goto(url: string): Promise<unknown> } | { open(url: string): Promise<unknown> }

type Address = Pick<ServedPage, 'url' | 'token'>

export interface PageSurroundings extends Surroundings {
  readonly home: string
  /** Of the home. */
  readonly token: string
}

export interface ServedPage {
  /** Stays the same over restarts. */
  readonly url: string
  readonly token: string
  code(): Promise<string>
  /** Opens the page with a fresh code in the fragment. */
  signIn(page: Opens): Promise<void>
  /** The address answers nobody until it starts again. */
  stop(): Promise<void>
  /** On the same home and port. */
  start(): Promise<void>
  restart(): Promise<void>
}

export interface PageScene extends PageSurroundings, ServedPage {
  /** Of the service that runs now. */
  readonly yard: Yard
}

export async function pageScene(options: PageOptions = {}): Promise<PageScene> {
  const around = await pageSurroundings(options)
  let port = 0
  const begin = async (): Promise<Service> => serve({ settings: await testSettings({ ...around.settings, port }), log: () => {} })
  let service = await begin()
  const { url } = service
  port = Number(new URL(url).port)
  const stop = (): Promise<void> => service.close()
  const start = async (): Promise<void> => {
    service = await begin()
  }
  return {
    ...around,
    ...servedPage({ url, token: around.token, stop, start }),
    get yard() {
      return service.yard
    },
    async [Symbol.asyncDispose]() {
      await service.close()
      await around[Symbol.asyncDispose]()
    },
  }
}

/** One-time, as `modelyard open` asks for it. */
async function codeOf({ url, token }: Address): Promise<string> {
  const answer = await fetch(`${url}/yard/v1/session/codes`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`no code to sign in with: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { code: string }).code
}

/** Opens the page of this service with a fresh code in the fragment. */
export async function signInAt(address: Address, page: Opens): Promise<void> {
  const link = `${address.url}/#code=${await codeOf(address)}`
  await ('goto' in page ? page.goto(link) : page.open(link))
}

export function servedPage(service: Pick<ServedPage, 'url' | 'token' | 'stop' | 'start'>): ServedPage {
  return {
    ...service,
    code: () => codeOf(service),
    signIn: (page) => signInAt(service, page),
    async restart() {
      await service.stop()
      await service.start()
    },
  }
}

export async function pageSurroundings({
  models,
  embedded = [],
  bare = false,
  storeless,
  root,
  slots,
  ...given
}: PageOptions): Promise<PageSurroundings> {
  const around = await surroundings({
    hub: { repositories: repositories(), ...given.hub },
    ...(root !== undefined && { root }),
    storeless: storeless ?? models !== undefined,
    ollama: { ...(!bare && { models: models === undefined ? ollamaModels : manyModels(models) }), ...given.ollama },
    studio: { ...(!bare && { models: studioModels }), ...given.studio },
    ...(embedded.length > 0 && { providers: { embedded: { kind: 'embedded', enabled: true, threads: 1, gpu: false } } }),
  })
  const { home } = around.settings
  const token = await readOrMakeToken(home)
  for (const name of embedded) await putInto(join(home, 'library', libraryPathOf(name)), namedGguf(name))
  return { ...around, home, token, settings: { ...around.settings, ...(slots && { slots }) } }
}

async function putInto(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
