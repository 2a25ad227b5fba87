/** What an import has added to Ollama so far, and what of it was there before: only its own is ever taken back. */
import { basename } from 'node:path'
import { abortReason } from '../../contract/index.ts'
import type { ImportAddition, ImportContext } from '../provider.ts'
import type { ModelManifest } from './model-manifest.ts'
import { isRegistryName } from './model-registry.ts'
import { additionOf } from './undo-import.ts'

/** Each is announced before it is added, and struck where it turns out to be another's. */
export interface Ledger {
  readonly adding: (one: ImportAddition) => Promise<void>
  readonly notAdded: (one: ImportAddition) => Promise<void>
  readonly all: () => readonly ImportAddition[]
}

export function createLedger({ signal, onAdding, onNotAdded }: ImportContext): Ledger {
  let added: readonly ImportAddition[] = []
  return {
    async adding(one) {
      await onAdding?.(one)
      if (signal.aborted) throw abortReason(signal)
      added = [...added, one]
    },
    async notAdded(one) {
      added = added.filter((other) => other !== one)
      await onNotAdded?.(one)
    },
    all: () => added,
  }
}

/** Of what an earlier try recorded, what is this model as it is called now. */
export function ownOf(recorded: readonly ImportAddition[] = [], { digest, files }: ModelManifest, name: string): ImportAddition[] {
  const model = additionOf(name, digest)
  const isFile = (path: string): boolean => files.some(({ sha256 }) => basename(path) === `sha256-${sha256}`)
  return recorded.filter(({ kind, what }) => (kind === 'model' ? what === model.what : isFile(what)))
}

/** Of what there is now, no long names; each once. */
export function joined(before: readonly ImportAddition[], now: readonly ImportAddition[]): ImportAddition[] {
  const fresh = now.filter(({ what }) => !isRegistryName(what))
  return [...before.filter((one) => !fresh.some(({ what }) => what === one.what)), ...fresh]
}
