/**
 * Giving Ollama a model: its file is linked into the store, then Ollama pulls it from a registry of ours that lives as long
 * as the pull, and finds the bytes there already; then it gets its good name and loses the long one. Where no link can be
 * made Ollama copies what the registry serves. Recorded with 0.32.15.
 */
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { ask, goodBody } from '../openai-chat/index.ts'
import type { ImportAddition, ImportContext, ImportDecision, Imported, Importing, ImportModel } from '../provider.ts'
import { copyAfterAll } from './copy-after-all.ts'
import { hasBlob, mustBeOneFile, planImport, sameModelIn } from './import-plan.ts'
import { createLedger, joined, type Ledger, ownOf } from './ledger.ts'
import { linkInto } from './link-into-store.ts'
import { type ModelManifest, modelManifest } from './model-manifest.ts'
import { type ModelRegistry, openRegistry } from './model-registry.ts'
import { sameName } from './names.ts'
import { inStepTime, label, type Ollama } from './ollama.ts'
import { pulled } from './pull-model.ts'
import { findStore, isLasting, localModels } from './store.ts'
import { additionOf, deleteIfThere, undoImport } from './undo-import.ts'

/** How long taking back may last after a failure. */
const takeBackMs = 15_000

export function createImporting(ollama: Ollama): Importing {
  return {
    plan: (model, signal) => inStepTime(ollama, signal, (bounded) => planImport(ollama, model, bounded)),
    perform: (model, decision, context) => performImport(ollama, model, decision, context),
    undo: (added, signal) => undoImport(ollama, added, signal),
  }
}

async function performImport(ollama: Ollama, model: ImportModel, decision: ImportDecision, context: ImportContext): Promise<Imported> {
  mustBeOneFile(model)
  const { name } = decision
  if (name === undefined) throw new TypeError('expected a decision of this provider, with the name')
  const step: Step = (work) => inStepTime(ollama, context.signal, work)
  if (decision.strategy === 'present') return step((signal) => present(ollama, name, signal))
  const manifest = modelManifest(model)
  const there = await step((signal) => thereAs(ollama, { model, manifest, name }, signal))
  if (there !== undefined) {
    await step((signal) => deleteLeft(ollama, manifest, signal))
    return { name: there, added: ownOf(context.recorded, manifest, there), holds: [additionOf(there, manifest.digest).what] }
  }
  const ledger = createLedger(context)
  const link = async (linking: Adding): Promise<boolean> => {
    const { whole, folder = decision.volume } = await linkFiles(ollama, manifest, linking)
    if (!whole) await copyAfterAll(ollama, { model, folder, onNote: context.onNote }, linking.signal)
    return whole
  }
  try {
    const linked = decision.strategy === 'registry-link' && (await step((signal) => link({ ...ledger, signal })))
    const made = await pullAs(ollama, name, manifest, { ...context, ...ledger, step, linked })
    await step((signal) => deleteLeft(ollama, manifest, signal))
    const added = made ? joined(ownOf(context.recorded, manifest, name), ledger.all()) : []
    return { name, added, holds: [additionOf(name, manifest.digest).what] }
  } catch (error) {
    await takeBack(ollama, ledger.all())
    throw asImportError(error, context.signal)
  }
}

/** Some work with Ollama that must not take long. */
type Step = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>

async function present(ollama: Ollama, name: string, signal: AbortSignal): Promise<Imported> {
  const there = (await localModels(ollama, signal)).find((one) => sameName(one.name, name))
  if (there) return { name, added: [], holds: there.digest === undefined ? [] : [additionOf(there.name, there.digest).what] }
  throw new ModelyardError('import_failed', `${label} does not have ${name} any more.`)
}

interface Wanted {
  readonly model: ImportModel
  readonly manifest: ModelManifest
  readonly name: string
}

/**
 * What it is called there already: a crash may have come after the last step, and files whose hashes were not known when
 * it was planned may be there under another name. Throws `conflict` where another model has the name.
 */
async function thereAs(ollama: Ollama, { model, manifest, name }: Wanted, signal: AbortSignal): Promise<string | undefined> {
  const [listed, store] = await Promise.all([localModels(ollama, signal), findStore(ollama, signal)])
  if (listed.some((one) => sameName(one.name, name) && one.digest === manifest.digest)) return name
  const same = await sameModelIn(ollama, model, { listed, store }, signal)
  if (same === undefined) await isThere(ollama, name, manifest, signal)
  return same
}

/** Throws `conflict` where another model has the name. */
async function isThere(ollama: Ollama, name: string, { digest }: ModelManifest, signal: AbortSignal): Promise<boolean> {
  const there = (await localModels(ollama, signal)).find((one) => sameName(one.name, name))
  if (there === undefined) return false
  if (there.digest === digest) return true
  throw new ModelyardError('conflict', `${label} has got another model called ${name} meanwhile; it is not overwritten.`, {
    hint: 'Try again: it will get another name.',
  })
}

type Adding = Omit<Ledger, 'all'> & { readonly signal: AbortSignal }

/** Has Ollama all of its bytes now? And the folder of its blobs, where that is known. */
async function linkFiles(
  ollama: Ollama,
  { files }: ModelManifest,
  context: Adding,
): Promise<{ whole: boolean; folder: string | undefined }> {
  let store = await findStore(ollama, context.signal)
  while (store !== undefined && !(await linkInto(ollama, store, files, context))) store = await findStore(ollama, context.signal)
  const folder = store?.blobs
  for (const { sha256 } of files) if (!(await hasBlob(ollama, sha256, context.signal))) return { whole: false, folder }
  return { whole: true, folder }
}

/** Is it this import that gave it the name? */
async function pullAs(
  ollama: Ollama,
  name: string,
  manifest: ModelManifest,
  context: ImportContext & Adding & { readonly step: Step; readonly linked: boolean },
): Promise<boolean> {
  await using registry = await openRegistry(manifest, name)
  await context.adding(additionOf(registry.listedName, manifest.digest))
  const pull = (): Promise<void> => pullFrom(ollama, registry, manifest, context)
  // A copy takes long, and touches the manifests for a moment only.
  await (context.linked ? ollama.inTurn(context.signal, pull) : pull())
  const mine = additionOf(name, manifest.digest)
  await context.adding(mine)
  const copying: Copying = { source: registry.listedName, name, manifest }
  const copy = (): Promise<boolean> => context.step((signal) => copyUnlessThere(ollama, copying, signal))
  const made = await ollama.inTurn(context.signal, copy)
  if (!made) await context.notAdded(mine)
  await context.step(async (signal) => {
    await mustBeThere(ollama, name, manifest, signal)
    await deleteIfThere(ollama, registry.listedName, signal)
  })
  return made
}

async function pullFrom(ollama: Ollama, registry: ModelRegistry, manifest: ModelManifest, context: ImportContext): Promise<void> {
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  // Of what was linked nothing is sent, although Ollama counts it.
  const tell = (bytes: number): void => {
    if (bytes <= done || registry.sentBytes === 0) return
    done = bytes
    context.onProgress?.(done, total)
  }
  try {
    for await (const { bytesDone } of pulled(ollama, { model: registry.pullName, insecure: true }, context.signal)) {
      tell(Math.min(bytesDone, total))
    }
    tell(total)
  } catch (error) {
    throw registry.asked || context.signal.aborted ? error : unheard(error)
  }
}

/** It never came to our registry. */
function unheard(error: unknown): ModelyardError {
  const known = ModelyardError.from(error)
  if (known.code !== 'import_failed') return known
  return new ModelyardError('import_failed', known.message, {
    cause: error,
    hint: 'Ollama must reach 127.0.0.1 of this machine; one in a container does not. Let it pull the model itself, or choose another engine.',
  })
}

interface Copying {
  readonly source: string
  readonly name: string
  readonly manifest: ModelManifest
}

/** False: somebody else has given it the name meanwhile. */
async function copyUnlessThere(ollama: Ollama, { source, name, manifest }: Copying, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted()
  if (await isThere(ollama, name, manifest, signal)) return false
  const answer = await ask(ollama.engine, { method: 'POST', path: '/api/copy', body: { source, destination: name }, signal })
  // The pull had no success, or another import of the same model has tidied up: the list tells which.
  if (answer.status === 404) return false
  if (answer.status !== 200 || answer.text.trim() !== '') goodBody(ollama.engine, answer, { model: source })
  return true
}

async function mustBeThere(ollama: Ollama, name: string, { digest }: ModelManifest, signal: AbortSignal): Promise<void> {
  const there = (await localModels(ollama, signal)).find((one) => sameName(one.name, name))
  if (there?.digest === digest) return
  const what = there === undefined ? 'does not list it' : 'lists another under this name'
  throw new ModelyardError('import_failed', `${label} said that ${name} is there, but ${what}.`)
}

/** Long names of the same model that a crash left. */
async function deleteLeft(ollama: Ollama, { digest }: ModelManifest, signal: AbortSignal): Promise<void> {
  const left = (await localModels(ollama, signal)).filter((one) => !isLasting(one) && one.digest === digest)
  for (const { name } of left) await deleteIfThere(ollama, name, signal)
}

/** What cannot be taken back now was told beforehand, and is taken back by whoever was told. */
async function takeBack(ollama: Ollama, added: readonly ImportAddition[]): Promise<void> {
  const late = () => new ModelyardError('timeout')
  const { signal } = new AbortController()
  await withinTime({ signal, ms: takeBackMs, late }, (bounded) => undoImport(ollama, added, bounded)).catch(() => undefined)
}

function asImportError(error: unknown, signal: AbortSignal): ModelyardError {
  if (signal.aborted) return abortReason(signal)
  const known = ModelyardError.from(error)
  if (known.code !== 'provider_error') return known
  return new ModelyardError('import_failed', known.message, { cause: error, details: known.details })
}
