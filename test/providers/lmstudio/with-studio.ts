/** LM Studio over a real folder of models, found in a user's home. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createLmStudio, type LmStudioOptions } from '../../../src/providers/lmstudio/index.ts'
import type { Importing, Provider } from '../../../src/providers/provider.ts'
import { type FakeLmStudio, type FakeLmStudioOptions, fakeLmStudio } from '../../../src/testing/fakes/fake-lmstudio.ts'
import { notAborted, providerConfig } from '../openai-chat/scripted-engine.ts'
import { userHome } from './fake-studio.ts'

export interface Scene {
  readonly provider: Provider
  readonly importing: Importing
  readonly engine: FakeLmStudio
  /** LM Studio's folder, found in the user's home. */
  readonly folder: string
  readonly library: string
  readonly home: string
  readonly log: string
  /** What the provider has said. */
  readonly said: string[]
}

export interface Script extends FakeLmStudioOptions {
  readonly limits?: LmStudioOptions['limits']
  /** What the `lms` command does. */
  readonly lms?: string
  /** Its folder of models is not there yet. */
  readonly bare?: boolean
}

export async function withStudio({ limits, lms, bare, ...fake }: Script, run: (scene: Scene) => Promise<void>): Promise<void> {
  await using user = await userHome(lms)
  const [folder, library] = [join(user.path, '.lmstudio/models'), join(user.path, 'library')]
  await mkdir(library)
  if (!bare) await mkdir(folder)
  await using engine = await fakeLmStudio({ modelsDir: folder, ...fake })
  const said: string[] = []
  const log = (message: string): void => void said.push(message)
  const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: engine.url }), { userHome: user.path, library, limits, log })
  if (!provider.importing) throw new TypeError('it imports nothing')
  await provider.probe(notAborted())
  try {
    await run({ provider, importing: provider.importing, engine, folder, library, home: user.path, log: user.log, said })
  } finally {
    await provider.close()
  }
}

export const code = (error: string) => ({ code: error })
