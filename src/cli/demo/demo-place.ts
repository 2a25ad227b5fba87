/** Where the demo happens: a temporary home with models in its library, services that run there, and nothing left of either. */
import { rmSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { openDemoHome } from './demo-home.ts'
import { writeDemoModels } from './demo-models.ts'
import { type DemoService, type StartingService, startDemoService } from './demo-service.ts'

export interface DemoPlace extends AsyncDisposable {
  readonly library: string
  readonly envFile: string
  /** The one before has ended. */
  start(): Promise<DemoService>
}

const off = { enabled: false } as const
const providers = { ollama: off, lmstudio: off, llamacpp: off, embedded: { threads: 1 } }

export async function openDemoPlace(hub: { readonly url: string }, signal: AbortSignal): Promise<DemoPlace> {
  const { path: home, leave: letGo } = await openDemoHome(signal)
  const library = join(home, 'library')
  let service: StartingService | undefined
  let closed = false
  /** Where nobody waits any more. */
  const leave = (): void => {
    void service?.kill()
    rmSync(home, { recursive: true, force: true })
  }
  process.once('exit', leave)
  const close = async (): Promise<void> => {
    closed = true
    await service?.kill()
    await rm(home, { recursive: true, force: true })
    await letGo()
    process.off('exit', leave)
  }
  try {
    await writeFile(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers, hub: { endpoint: hub.url } }))
    await writeDemoModels(library)
  } catch (error) {
    await close()
    throw error
  }
  return {
    library,
    envFile: join(home, '.env'),
    async start() {
      if (closed) throw new ModelyardError('cancelled')
      service = startDemoService(home)
      return { ...service, client: await service.ready }
    },
    [Symbol.asyncDispose]: close,
  }
}
