import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigFile } from '../src/contract/index.ts'
import { buildYard } from '../src/modelyard.ts'
import { resolveSettings } from '../src/store/settings.ts'
import type { Yard } from '../src/yard/yard.ts'

const off = { enabled: false }

/** A yard over a temporary home and these providers alone. */
export async function benchYard(providers: NonNullable<ConfigFile['providers']>): Promise<AsyncDisposable & { yard: Yard }> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  const settings = await resolveSettings({
    env: {},
    options: { home, providers: { ollama: off, lmstudio: off, llamacpp: off, embedded: off, ...providers } },
  })
  const yard = await buildYard({ settings })
  return {
    yard,
    async [Symbol.asyncDispose]() {
      await yard.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
