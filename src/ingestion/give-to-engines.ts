/** Each engine gets the model as the plan says; what is added is kept before it is, so that it can be taken back. */
import { joinRef, ModelyardError } from '../contract/index.ts'
import type { ImportAddition, ImportModel, LocalFile, Provider } from '../providers/provider.ts'
import { providerOf as named } from '../switching/workshop.ts'
import type { GotFile } from './get-files.ts'
import { handOver, notOfOthers } from './held-in-common.ts'
import { importModelOf } from './import-model.ts'
import type { ImportRecord } from './job-record.ts'
import { patiently, whileImporting } from './patience.ts'
import type { Subject } from './subject.ts'
import { share, type Work } from './work.ts'

/** Every engine is tried; the first failure is answered. */
export async function giveToEngines(work: Work, subject: Subject, files: readonly GotFile[]): Promise<ModelyardError | undefined> {
  let failure: ModelyardError | undefined
  for (const { provider, name } of work.record().imports) {
    if (name !== undefined) continue
    try {
      await giveTo(work, provider, importModelOf(subject, files.map(localFile)))
    } catch (error) {
      work.signal.throwIfAborted()
      const known = ModelyardError.from(error)
      failure ??= known
      await takeBack(work, provider).catch((left: unknown) =>
        work.ports.log(`${provider}: something of an import that failed is left`, left),
      )
      await change(work, provider, (one) => ({ ...one, reason: known.message, error: known.toBody() }))
    }
  }
  return failure
}

async function giveTo(work: Work, id: string, model: ImportModel): Promise<void> {
  const provider = providerOf(work, id)
  const decision = recordOf(work, id).decision
  const { importing } = provider
  if (!importing || !decision) throw new ModelyardError('unsupported_operation', `${id} has no way to take a model any more.`)
  const onAdding = (added: ImportAddition): Promise<void> => change(work, id, (one) => ({ ...one, added: withAddition(one.added, added) }))
  const onNotAdded = (announced: ImportAddition): Promise<void> =>
    change(work, id, (one) => ({ ...one, added: one.added.filter(({ kind, what }) => kind !== announced.kind || what !== announced.what) }))
  const onNote = (note: string): void => work.progress({ note })
  const { name, added, holds } = await patiently({ ...work, reasons: whileImporting }, () =>
    importing.perform(model, decision, {
      signal: work.signal,
      recorded: notOfOthers(work, id, recordOf(work, id).added),
      onAdding,
      onNotAdded,
      onProgress: share(work, 'copying'),
      onNote,
    }),
  )
  // What was announced and turned out to be another's is none of ours to take back.
  await change(work, id, ({ reason: _, error: __, ...one }) => ({ ...one, name, added: [...added], holds: [...holds] }))
  work.ports.changed(id)
}

const localFile = ({ role, name, bytes, sha256, path }: GotFile): { role: GotFile['role']; file: LocalFile } => ({
  role,
  file: { name, bytes, sha256, path },
})

/** Takes back everything that this job added to an engine and no other counts on. Idempotent. */
export async function takeBack(work: Work, id: string): Promise<void> {
  const { added } = recordOf(work, id)
  if (added.length === 0) return
  const own = await handOver(work, id, added)
  const provider = work.ports.directory.provider(id)
  if (own.length > 0) await provider?.importing?.undo(own, AbortSignal.timeout(undoMs))
  await change(work, id, ({ name: _, holds: __, ...one }) => ({ ...one, added: [] }))
  work.ports.changed(id)
}
/** A model that is large, or in use, may take an engine a while. */
const undoMs = 90_000

/** The later word on the same thing counts. */
const withAddition = (added: readonly ImportAddition[], one: ImportAddition): ImportAddition[] => [
  ...added.filter(({ kind, what }) => kind !== one.kind || what !== one.what),
  one,
]

export const recordOf = (work: Work, id: string): ImportRecord => {
  const found = work.record().imports.find(({ provider }) => provider === id)
  if (!found) throw new TypeError(`no import into ${id}`)
  return found
}

export const change = (work: Work, id: string, next: (one: ImportRecord) => ImportRecord): Promise<void> =>
  work.keep((record) => ({ ...record, imports: record.imports.map((one) => (one.provider === id ? next(one) : one)) }))

export const providerOf = ({ ports }: Work, id: string): Provider => named(ports.directory, id)

/** Of those engines that have it now. */
export const refsOf = (work: Work): { ref: string; verified: boolean; reason?: string }[] =>
  work
    .record()
    .imports.flatMap(({ provider, name, verified = false, reason }) =>
      name === undefined ? [] : [{ ref: joinRef(provider, name), verified, ...(reason !== undefined && !verified && { reason }) }],
    )
