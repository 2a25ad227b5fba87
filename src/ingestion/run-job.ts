/** A job from its request to its end, stage after stage. Each stage can be entered again after a crash. */
import type { JobResult } from '../contract/index.ts'
import { ModelyardError } from '../contract/index.ts'
import { checkFiles, type GotFile, getFiles, waitsIn } from './get-files.ts'
import { change, giveToEngines, providerOf, recordOf, refsOf, takeBack } from './give-to-engines.ts'
import type { JobRecord } from './job-record.ts'
import { type Plan, preflight, resolveSource } from './make-plan.ts'
import { patiently, whileResolving } from './patience.ts'
import { prove } from './prove.ts'
import { pullByEngine } from './pull-by-engine.ts'
import type { Subject } from './subject.ts'
import type { Work } from './work.ts'

/** What it came to. Throws what ended it, after everything half done was taken back; `partly` keeps what succeeded. */
export async function runJob(work: Work): Promise<JobResult> {
  if (work.record().job.plan === undefined) await plan(work)
  const { subject, pull } = work.record()
  if (pull) {
    await work.enter('download')
    if (recordOf(work, pull.provider).name === undefined) await pullByEngine(work, pull)
  } else if (subject) await bring(work, subject)
  const failure = await verifyAll(work)
  if (failure) throw failure
  return { ...resultOf(work), ...(await switchAtEnd(work)) }
}

async function plan(work: Work): Promise<void> {
  const { ports, signal } = work
  const { request } = work.record()
  await work.enter('resolve')
  const waiting = { ...work, reasons: whileResolving, onWait: waitsIn(work) }
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

/** The files, then the engines. */
async function bring(work: Work, subject: Subject): Promise<void> {
  if (work.record().imports.every(({ name }) => name !== undefined)) return
  await work.enter('download')
  await getFiles(work, subject)
  await work.enter('check')
  const files: GotFile[] = await checkFiles(work, subject)
  await work.enter('import')
  const failure = await giveToEngines(work, subject, await intoLibrary(work, subject, files))
  if (failure && refsOf(work).length === 0) throw failure
}

/** The embedded engine reads the library: what lies elsewhere is linked there first. */
async function intoLibrary(work: Work, { repo }: Subject, files: readonly GotFile[]): Promise<GotFile[]> {
  if (!work.record().imports.some(({ decision }) => decision?.strategy === 'library')) return [...files]
  const placed: GotFile[] = []
  for (const file of files) {
    const { sha256, bytes, path: from, name } = file
    const kept = await work.ports.library.find(sha256)
    const entry = kept ?? (await work.ports.library.put({ from, repo, file: name, sha256, bytes }, 'link', { signal: work.signal }))
    if (!kept) await work.keep((record) => ({ ...record, put: [...record.put, entry.path] }))
    placed.push({ ...file, path: entry.path })
  }
  return placed
}

/** Answers with the first reason why an engine has not got it, or cannot load it. */
async function verifyAll(work: Work): Promise<ModelyardError | undefined> {
  await work.enter('verify')
  const { plan } = work.record().job
  let failure: ModelyardError | undefined
  for (const { provider: id, name, verified, reason } of work.record().imports) {
    if (name === undefined) {
      failure ??= new ModelyardError('import_failed', `${id} did not take it: ${reason ?? 'the reason is not known'}`)
      continue
    }
    if (verified === true) continue
    const provider = providerOf(work, id)
    const verdict = await prove(work.ports, { provider, name, keepLoaded: plan?.switch !== undefined, signal: work.signal })
    if ('broken' in verdict) {
      failure ??= verdict.broken
      await takeBack(work, id)
      await change(work, id, (one) => ({ ...one, reason: verdict.broken.message }))
    } else await change(work, id, (one) => ({ ...one, ...verdict }))
  }
  return failure
}

/** A switch that fails fails nothing else: both results are told. */
async function switchAtEnd(work: Work): Promise<Partial<JobResult>> {
  const { plan } = work.record().job
  const refs = refsOf(work)
  const to = refs.find(({ verified }) => verified) ?? refs[0]
  if (plan?.switch === undefined || !to) return {}
  const { switcher } = work.ports
  const asked = work.record().request.switch !== undefined
  if (!asked && (!isEmpty(work, plan.switch) || work.record().imports.some(({ chat }) => chat === false))) return {}
  await work.enter('switch')
  const { id, result } = switcher.begin(plan.switch, { model: to.ref })
  const cancel = (): void => void switcher.cancel(id).catch(() => undefined)
  work.signal.addEventListener('abort', cancel, { once: true })
  const ended = await result.finally(() => work.signal.removeEventListener('abort', cancel))
  const proven = ended.outcome === 'switched' || ended.outcome === 'already_active'
  const told = refs.map((one) => (one.ref === to.ref && proven ? { ref: one.ref, verified: true } : one))
  return { refs: told, verified: told.every(({ verified }) => verified), switch: ended }
}

/** Somebody may have filled it meanwhile: that choice is not overruled by one that nobody made. */
const isEmpty = ({ ports }: Work, name: string): boolean => {
  const { state, remembered } = ports.switcher.slot(name)
  return !state.serving && !state.run && !state.choice && !remembered
}

export function resultOf(work: Work): JobResult {
  const refs = refsOf(work)
  return { refs, verified: refs.length > 0 && refs.every(({ verified }) => verified) && refs.length === work.record().imports.length }
}
