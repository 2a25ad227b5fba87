/** A service of its own for the demo: a temporary home, a free port, the embedded engine alone; spoken to over HTTP. */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '../../client/index.ts'
import { serve } from '../../server/serve.ts'
import { resolveSettings } from '../../store/settings.ts'
import { writeDemoModels } from './demo-models.ts'

export interface DemoYard {
  readonly client: Client
  readonly home: string
  envFile(): Promise<string>
  close(): Promise<void>
}

const off = { enabled: false } as const

/** With a home: the same service started again. */
export async function openDemoYard(home?: string): Promise<DemoYard> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'modelyard-demo-')))
  const providers = { ollama: off, lmstudio: off, llamacpp: off, embedded: { threads: 1 } }
  // Nothing of the environment concerns a demo.
  const settings = await resolveSettings({ env: {}, options: { home: folder, port: 0, providers } })
  if (home === undefined) await writeDemoModels(settings.library)
  const service = await serve({ settings, log: () => {} })
  const token = (await readFile(service.tokenFile, 'utf8')).trim()
  return {
    client: createClient({ url: service.url, token }),
    home: folder,
    envFile: () => readFile(settings.envFile, 'utf8'),
    close: service.close,
  }
}
