/** A job from its request to its end, stage after stage. Each stage can be entered again after a crash. */
import { type JobResult, joinRef, ModelyardError, type SwitchResult } from '../contract/index.ts'
import { checkFiles, type GotFile, getFiles, put } from './get-files.ts'
import { change, giveToEngines, providerOf, recordOf, refsOf, takeBack } from './give-to-engines.ts'
import type { JobRecord } from './job-record.ts'
import { type Plan, preflight, resolveSource } from './make-plan.ts'
import { patiently, whileResolving } from './patience.ts'
import { prove } from './prove.ts'
import { pullByEngine } from './pull-by-engine.ts'
import type { Subject } from './subject.ts'
import type { Work } from './work.ts'

/** What it came to, and what is to be said besides. */
export type Ended = JobResult & { readonly note?: string | undefined }

/** Throws what ended it; `resultOf` tells what succeeded nevertheless. */
export async function runJob(work: Work): Promise<Ended> {
  if (work.record().job.plan === undefined) await plan(work)
  const { subject, pull } = work.record()
  if (pull) await pullStage(work, pull)
  else if (subject) await bring(work, subject)
  const failure = await verifyAll(work)
  if (failure) throw failure
  return { ...resultOf(work), ...(await switchAtEnd(work)) }
}

async function plan(work: Work): Promise<void> {
  const { ports, signal } = work
  const { request } = work.record()
  const waiting = { ...work, reasons: whileResolving }
  await work.enter('resolve')
  const found = await patiently(waiting, () => resolveSource(ports, request, signal))
  await work.enter('preflight')
  const planned = await patiently(waiting, () => preflight(ports, request, found, signal))
  await work.keep((record) => withPlan(record, planned))
}

function withPlan(record: JobRecord, { told, subject, decided, pull }: Plan): JobRecord {
  const files = told.files.map(({ path, bytes, sha256 }) => ({ path, bytes, ...(sha256 !== undefined && { sha256 }) }))
  const into = told.imports.map(({ provider }) => provider)
  const imports = pull
    ? [{ provider: pull.provider, added: [] }]
    : decided.map(({ provider, decision }) => ({ provider, decision: { ...decision }, added: [] }))
  return { ...record, job: { ...record.job, plan: told, files, into }, subject, imports, ...(pull && { pull }) }
}

async function pullStage(work: Work, pull: NonNullable<JobRecord['pull']>): Promise<void> {
  if (recordOf(work, pull.provider).name !== undefined) return
  await work.enter('download')
  await pullByEngine(work, pull)
}

/** The files, then the engines; neither where every engine has it. */
async function bring(work: Work, subject: Subject): Promise<void> {
  const { imports } = work.record()
  if (imports.every(({ name }) => name !== undefined)) return
  const wanted = imports.some(({ decision }) => decision?.strategy !== 'present')
  const files = wanted ? await filesOf(work, subject) : []
  await work.enter('import')
  const failure = await giveToEngines(work, subject, files)
  if (failure && refsOf(work).length === 0) throw failure
}

async function filesOf(work: Work, subject: Subject): Promise<GotFile[]> {
  await work.enter('download')
  await work.tellWanted()
  await getFiles(work, subject)
  await work.enter('check')
  return intoLibrary(work, subject, await checkFiles(work, subject))
}

/** The embedded engine reads the library: what lies elsewhere is linked or copied there first. */
async function intoLibrary(work: Work, subject: Subject, files: readonly GotFile[]): Promise<GotFile[]> {
  if (!work.record().imports.some(({ decision }) => decision?.strategy === 'library')) return [...files]
  const placed: GotFile[] = []
  for (const [index, file] of files.entries()) {
    const kept = await work.ports.library.find(file.sha256)
    const path = kept?.path ?? (await put(work, subject, { ...file, path: subject.files[index]?.path ?? file.name }, file.path, 'link'))
    placed.push({ ...file, path })
  }
  return placed
}

/** Answers with the first reason why an engine has not got it, or cannot load it. */
async function verifyAll(work: Work): Promise<ModelyardError | undefined> {
  await work.enter('verify')
  const { plan: planned } = work.record().job
  let failure: ModelyardError | undefined
  for (const { provider: id, name, verified, error } of work.record().imports) {
    if (name === undefined)
      failure ??= error ? ModelyardError.fromBody(error) : new ModelyardError('import_failed', `${id} did not take it.`)
    if (name === undefined || verified === true) continue
    const provider = providerOf(work, id)
    const verdict = await prove(work.ports, { provider, name, keepLoaded: planned?.switch !== undefined, signal: work.signal })
    if ('broken' in verdict) failure ??= await refused(work, id, verdict.broken)
    else await change(work, id, (one) => ({ ...one, ...verdict }))
  }
  return failure
}

/** The engine's own reason counts, whatever becomes of taking it back. */
async function refused(work: Work, id: string, reason: ModelyardError): Promise<ModelyardError> {
  await takeBack(work, id).catch((error: unknown) => work.ports.log(`${id}: a model that cannot be loaded is still there`, error))
  await change(work, id, (one) => ({ ...one, reason: reason.message }))
  return reason
}

/** A switch that fails fails nothing else: both results are told. */
async function switchAtEnd(work: Work): Promise<Partial<Ended>> {
  const { plan: planned } = work.record().job
  const refs = refsOf(work)
  const to = refs.find(({ verified }) => verified) ?? refs[0]
  if (planned?.switch === undefined || !to) return {}
  await work.enter('switch')
  try {
    if (!isWanted(work, planned.switch, to.ref)) return {}
    const ended = await switchTo(work, planned.switch, to.ref)
    const proven = ended.outcome === 'switched' || ended.outcome === 'already_active'
    const told = refs.map((one) => (one.ref === to.ref && proven ? { ref: one.ref, verified: true } : one))
    return { refs: told, verified: told.every(({ verified }) => verified), switch: ended }
  } catch (error) {
    work.signal.throwIfAborted()
    return { note: `The slot "${planned.switch}" was not switched: ${ModelyardError.from(error).message}` }
  }
}

/** Cut short by a pause or the end of the service it is begun again later; what has cut over stands. */
async function switchTo({ ports: { switcher }, signal }: Work, slot: string, model: string): Promise<SwitchResult> {
  signal.throwIfAborted()
  const { id, result } = switcher.begin(slot, { model })
  const cancel = (): void => void switcher.cancel(id).catch(() => undefined)
  signal.addEventListener('abort', cancel, { once: true })
  const ended = await result.finally(() => signal.removeEventListener('abort', cancel))
  if (ended.outcome === 'cancelled') signal.throwIfAborted()
  return ended
}

/** Nobody asked for it: then only a slot that is empty, or was given this model before a crash, gets it, and only one that can chat. */
function isWanted({ ports, record }: Work, name: string, ref: string): boolean {
  const { state, remembered } = ports.switcher.slot(name)
  if (record().request.switch !== undefined) return true
  const uses = [state.serving?.target, state.run?.to, state.choice, remembered].filter((one) => one !== undefined)
  const isOpen = uses.every((one) => joinRef(one.provider ?? '', one.name) === ref)
  return isOpen && !record().imports.some(({ chat }) => chat === false)
}

export function resultOf(work: Work): JobResult {
  const refs = refsOf(work)
  return { refs, verified: refs.length > 0 && refs.length === work.record().imports.length && refs.every(({ verified }) => verified) }
}
