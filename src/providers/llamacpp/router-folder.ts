import { ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { ask, goodBody } from '../openai-chat/index.ts'
import { knownMode, type Server } from './server.ts'

const modeMs = 10_000

/** The folder of a router on this machine, as configured; a server with one model has none. */
export async function routerFolder(server: Server, signal: AbortSignal): Promise<string> {
  const late = () => new ModelyardError('timeout', 'llama.cpp did not say in time whether it is a router.')
  const mode = await withinTime({ signal, ms: modeMs, late }, (bounded) => knownMode(server, bounded))
  if (server.modelsDir !== undefined && mode === 'router') return server.modelsDir
  throw new ModelyardError('unsupported_operation', 'This llama-server was started with one model and takes no other.', {
    hint: 'Start it as a router with --models-dir.',
  })
}

/** A router reads its folder at its start, and when it is asked for its list so: what runs goes on. */
export async function readAgain(server: Server, signal: AbortSignal): Promise<void> {
  goodBody(server.engine, await ask(server.engine, { path: '/models?reload=1', signal }))
}
