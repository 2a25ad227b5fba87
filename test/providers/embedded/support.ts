/** A library of tiny models in a temporary home, and the embedded provider over it, on real llama.cpp. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findEngine } from '../../../src/providers/embedded/engine-folder.ts'
import { createEmbedded } from '../../../src/providers/embedded/index.ts'
import type { ChatPart, Provider } from '../../../src/providers/provider.ts'
import { testFolder } from '../../support/test-yard.ts'

export interface Embedded extends AsyncDisposable {
  readonly provider: Provider
  readonly library: string
  put(name: string, bytes: Uint8Array): Promise<string>
}

export async function embedded(files: Readonly<Record<string, Uint8Array>> = {}, options: { installed?: boolean } = {}): Promise<Embedded> {
  const home = await testFolder()
  const library = join(home, 'library')
  await mkdir(library)
  if (options.installed !== false && !(await findEngine({ home })))
    throw new TypeError('the embedded engine is not installed: npm run setup')
  const engine = options.installed === false ? { engine: async () => undefined } : {}
  const provider = createEmbedded(
    { id: 'embedded', kind: 'embedded', enabled: true, threads: 1, gpu: false },
    { library, home, log: () => {}, ...engine },
  )
  const put = async (name: string, bytes: Uint8Array): Promise<string> => {
    const path = join(library, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    return path
  }
  for (const [name, bytes] of Object.entries(files)) await put(name, bytes)
  return {
    provider,
    library,
    put,
    async [Symbol.asyncDispose]() {
      await provider.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export const soon = (): AbortSignal => AbortSignal.timeout(25_000)

export const ask = (provider: Provider, model: string, maxTokens = 8, signal = soon()): AsyncIterable<ChatPart> =>
  provider.chat({ model, messages: [{ role: 'user', content: 'Who are you?' }], maxTokens }, { signal })

export async function textOf(parts: AsyncIterable<ChatPart>): Promise<string> {
  let text = ''
  for await (const part of parts) if (part.type === 'delta') text += part.text
  return text
}
