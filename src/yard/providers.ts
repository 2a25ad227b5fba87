/** The providers as the doors see them: the last known picture, a fresh look, a start. */
import { ModelyardError, type ProviderInfo } from '../contract/index.ts'
import type { Directory } from '../switching/directory.ts'
import { infoOf } from '../watching/picture.ts'
import type { Watcher } from '../watching/watcher.ts'
import type { Yard } from './yard.ts'

export interface ProvidersOptions {
  readonly directory: Directory
  readonly watcher: Watcher
  readonly closing: AbortSignal
}

export function createProvidersView({ directory, watcher, closing }: ProvidersOptions): Yard['providers'] & { detect: Yard['detect'] } {
  const all = (): ProviderInfo[] => watcher.seen().map(infoOf)
  return {
    async list({ signal } = {}) {
      await watcher.ensureSeen(signal)
      return all()
    },
    async detect({ signal } = {}) {
      await watcher.lookNow(signal)
      return all()
    },
    async start(id, { signal } = {}) {
      const provider = directory.provider(id)
      if (!provider) throw new ModelyardError('provider_not_found', `There is no provider "${id}".`)
      await watcher.lookNow(signal, id)
      if (watcher.seenOf(id)?.probe.state !== 'ready') await startIt(provider, signal ? AbortSignal.any([signal, closing]) : closing)
      await watcher.lookNow(signal, id)
      const seen = watcher.seenOf(id)
      if (!seen) throw new ModelyardError('provider_unreachable')
      return infoOf(seen)
    },
  }
}

async function startIt(provider: NonNullable<ReturnType<Directory['provider']>>, signal: AbortSignal): Promise<void> {
  if (!provider.start) {
    throw new ModelyardError('unsupported_operation', `No command is known that starts ${provider.id}.`, {
      hint: 'Start it as you usually do; Modelyard finds it by itself.',
    })
  }
  await provider.start(signal)
}
