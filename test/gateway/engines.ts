/** Three engines under one gateway, each in a slot of its name: what speaks OpenAI's dialect only, Ollama, and llama-server. */
import type { ListenOptions } from '../../src/server/listen.ts'
import {
  type FakeLlamaServer,
  type FakeModel,
  type FakeOllama,
  type FakeOpenAi,
  type FakeServer,
  fakeLlamaServer,
  fakeOllama,
  fakeOpenAi,
} from '../../src/testing/index.ts'
import { gatewayScene, llamaAt, ollamaAt, openaiAt, type Scene } from './scene.ts'

export interface Engines extends AsyncDisposable {
  readonly scene: Scene
  readonly openai: FakeOpenAi
  readonly ollama: FakeOllama
  readonly llama: FakeLlamaServer
  /** Requests that would make an engine generate, embed or load, over all of them. */
  asked(): number
}

export interface EnginesOptions {
  readonly limits?: ListenOptions['limits']
  readonly model?: Omit<FakeModel, 'name'>
  readonly tokensPerSecond?: number
}

export const slots = ['openai', 'ollama', 'llama'] as const
export type EngineName = (typeof slots)[number]

/** Refs of what the slots point at. */
export const refs: Readonly<Record<EngineName, string>> = {
  openai: 'other/tiny',
  ollama: 'ollama/tiny:latest',
  llama: 'llamacpp/models/tiny.gguf',
}

export async function threeEngines({ limits, model = {}, tokensPerSecond }: EnginesOptions = {}): Promise<Engines> {
  const pace = tokensPerSecond === undefined ? {} : { tokensPerSecond }
  const openai = await fakeOpenAi({ models: [{ name: 'tiny', ...model }], ...pace })
  const ollama = await fakeOllama({ models: [{ name: 'tiny:latest', ...model }], ...pace })
  const llama = await fakeLlamaServer({ models: [{ name: 'tiny', ...model }], ...pace })
  const scene = await gatewayScene({
    providers: { ...openaiAt(openai.url), ...ollamaAt(ollama.url), ...llamaAt(llama.url) },
    slots: Object.fromEntries(slots.map((slot) => [slot, {}])),
    limits,
  })
  for (const slot of slots) {
    const { outcome, error } = await scene.test.yard.slot(slot).switch(refs[slot])
    if (outcome !== 'switched') throw new Error(`${slot}: ${outcome}: ${error?.message}`)
  }
  const all: FakeServer[] = [openai, ollama, llama]
  return {
    scene,
    openai,
    ollama,
    llama,
    asked: () => all.flatMap(({ ledger }) => ledger).filter(({ method, path }) => method === 'POST' && path !== '/api/show').length,
    async [Symbol.asyncDispose]() {
      await scene[Symbol.asyncDispose]()
      for (const engine of all) await engine.close()
    },
  }
}
