/** Each engine gets the model as the plan says; what is added is kept before it is, so that it can be taken back. */
import { joinRef, ModelyardError } from '../contract/index.ts'
import type { ImportAddition, ImportModel, LocalFile, Provider } from '../providers/provider.ts'
import type { GotFile } from './get-files.ts'
import type { ImportRecord } from './job-record.ts'
import { patiently, whileImporting } from './patience.ts'
import type { Subject } from './subject.ts'
import type { Work } from './work.ts'

/** Every engine is tried; the first failure is answered. */
export async function giveToEngines(work: Work, subject: Subject, files: readonly GotFile[]): Promise<ModelyardError | undefined> {
  let failure: ModelyardError | undefined
  for (const { provider, name } of work.record().imports) {
    if (name !== undefined) continue
    try {
      await giveTo(work, provider, modelOf(subject, files))
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
  const onProgress = (done: number, total: number): void => work.progress({ note: `copying: ${Math.floor((done / total) * 100)} %` })
  const onNotAdded = (announced: ImportAddition): Promise<void> =>
    change(work, id, (one) => ({ ...one, added: one.added.filter(({ kind, what }) => kind !== announced.kind || what !== announced.what) }))
  const onNote = (note: string): void => work.progress({ note })
  const { name, added } = await patiently({ ...work, reasons: whileImporting }, () =>
    importing.perform(model, decision, {
      signal: work.signal,
      recorded: recordOf(work, id).added,
      onAdding,
      onNotAdded,
      onProgress,
      onNote,
    }),
  )
  // What was announced and turned out to be another's is none of ours to take back.
  await change(work, id, ({ reason: _, error: __, ...one }) => ({ ...one, name, added: [...added] }))
  work.ports.changed(id)
}

function modelOf({ repo, quantization, architecture, parameters }: Subject, files: readonly GotFile[]): ImportModel {
  const plain = ({ name, bytes, sha256, path }: GotFile): LocalFile => ({ name, bytes, sha256, path })
  const projector = files.find(({ role }) => role === 'projector')
  return {
    repo,
    quantization,
    architecture,
    parameters,
    weights: files.filter(({ role }) => role === 'weights').map(plain),
    projector: projector && plain(projector),
  }
}

/** Takes back everything that this job added to engines. Idempotent. */
export async function takeBack(work: Work, only?: string): Promise<void> {
  for (const { provider: id, added } of work.record().imports) {
    if (added.length === 0 || (only !== undefined && only !== id)) continue
    const provider = work.ports.directory.provider(id)
    await provider?.importing?.undo(added, AbortSignal.timeout(undoMs))
    await change(work, id, ({ name: _, ...one }) => ({ ...one, added: [] }))
    work.ports.changed(id)
  }
}
/** LM Studio is waited for until it no longer lists the model. */
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

export function providerOf({ ports }: Work, id: string): Provider {
  const provider = ports.directory.provider(id)
  if (provider) return provider
  throw new ModelyardError('provider_not_found', `There is no provider "${id}" any more.`)
}

/** Of those engines that have it now. */
export const refsOf = (work: Work): { ref: string; verified: boolean; reason?: string }[] =>
  work
    .record()
    .imports.flatMap(({ provider, name, verified = false, reason }) =>
      name === undefined ? [] : [{ ref: joinRef(provider, name), verified, ...(reason !== undefined && !verified && { reason }) }],
    )
