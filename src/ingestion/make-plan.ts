/** Resolve and preflight: from a request to what will be done, exactly. Nothing is written. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type JobPlan, type JobRequest, ModelyardError, type PlannedFile, type Source } from '../contract/index.ts'
import type { GgufSummary } from '../util/gguf/summary.ts'
import { withPlaces } from './already-here.ts'
import { chooseEngines, type Decided, importView, notReady } from './choose-engines.ts'
import { fromPull, fromShare } from './from-engine.ts'
import { fromCatalog, fromRepository } from './from-hub.ts'
import { fromPath } from './from-path.ts'
import type { Ports } from './ports.ts'
import type { Found, Subject, SubjectFile } from './subject.ts'
import { mustFit, type Need, volumesOf } from './volumes.ts'

/** The plan as it is told, and what the work needs of it. */
export interface Plan {
  readonly told: JobPlan
  readonly subject: Subject
  readonly decided: readonly Decided[]
  readonly pull?: { readonly provider: string; readonly name: string } | undefined
}

export async function resolveSource(ports: Ports, request: JobRequest, signal: AbortSignal): Promise<Found> {
  if ('repo' in request) return fromRepository(ports.hub, request, signal)
  if ('catalog' in request) return fromCatalog(ports.hub, request, signal)
  if ('from' in request) return fromPull(ports.directory, request)
  if ('ref' in request) return fromShare(ports.directory, request, signal)
  return fromPath(request)
}

/** Throws `gated`, `disk_full`, `not_a_model_file`, `shard_missing`, and what the engines say. */
export async function preflight(ports: Ports, request: JobRequest, found: Found, signal: AbortSignal): Promise<Plan> {
  if (found.pull) return pullPlan(ports, request, found, found.pull, signal)
  const located = await withPlaces(ports, await withHashes(ports, found.subject, signal), signal)
  const header = await readHeader(ports, located, signal)
  const subject = withHeader(located, header)
  await mustBeFree(ports, subject)
  const decided = await chooseEngines(ports, { subject, into: request.into, holder: found.holder }, signal)
  const isPresent = decided.every(({ decision }) => decision.strategy === 'present')
  const missing = isPresent ? 0 : await missingBytes(ports, subject)
  const files = subject.files.map((one) => planned(one, decided))
  const needs = needsOf(ports, missing, decided)
  const volumes = await volumesOf(needs)
  mustFit(volumes)
  const told: JobPlan = {
    ...common(ports, request, found),
    ...(header?.architecture !== undefined && { architecture: header.architecture }),
    ...(header?.contextLength !== undefined && { contextLength: header.contextLength }),
    ...(header && { template: header.template !== undefined }),
    repo: subject.repo,
    ...(subject.commit !== undefined && { commit: subject.commit }),
    ...(subject.quantization !== undefined && { quantization: subject.quantization }),
    files,
    downloadBytes: missing,
    imports: decided.map(importView),
    volumes,
    warnings: [...found.warnings, ...warningsOf(subject, header, found)],
  }
  return { told, subject, decided }
}

const common = (ports: Ports, request: JobRequest, { kind, told }: Found): Pick<JobPlan, 'kind' | 'source' | 'switch'> => {
  const slot = switchOf(ports, request)
  return { kind, source: sourceOf(request), ...defined(told), ...(slot !== undefined && { switch: slot }) }
}

/** The slot that is asked for; nothing said: the default one while it is empty. */
function switchOf({ switcher }: Ports, request: JobRequest): string | undefined {
  if (request.switch === false) return undefined
  if (request.switch !== undefined) return switcher.slot(request.switch).name
  const slot = switcher.slots().find(({ name }) => name === 'default')
  return slot && !slot.state.serving && !slot.state.choice && !slot.remembered ? slot.name : undefined
}

/** The request without its wishes. */
export function sourceOf({ into: _, switch: __, bytesPerSecond: ___, ...source }: JobRequest): Source {
  return source
}

async function pullPlan(
  ports: Ports,
  request: JobRequest,
  found: Found,
  pull: { readonly provider: string; readonly name: string },
  signal: AbortSignal,
): Promise<Plan> {
  const { provider: id, name } = pull
  if (request.into?.some((one) => one !== id))
    throw new ModelyardError('invalid_request', `${id} loads it down into itself; it cannot go into ${request.into.join(', ')} as well.`, {
      hint: `Pull it first, then \`modelyard share ${id}/${name} --into ID\`.`,
    })
  const provider = ports.directory.provider(id)
  const refusal = provider && (await notReady(provider, signal))
  if (refusal) throw refusal
  const imports = [{ provider: id, strategy: 'engine-pull' as const, reason: `${id} fetches and keeps it by itself`, name }]
  const told = { ...common(ports, request, found), files: [], downloadBytes: 0, imports, volumes: [], warnings: [] }
  return { told, subject: found.subject, decided: [], pull }
}

/** Of the first file: here if it lies here, else by range requests. */
async function readHeader(ports: Ports, { repo, commit, files }: Subject, signal: AbortSignal): Promise<GgufSummary | undefined> {
  const weights = files.filter(({ role }) => role === 'weights')
  const [first] = weights
  if (!first) return undefined
  const header = await (first.at !== undefined || commit === undefined
    ? ports.readHeader(first.at ?? '')
    : ports.hub.header({ repo, commit, path: first.path }, signal))
  if (!header) throw new ModelyardError('not_a_model_file', `${first.name} is no GGUF file, or its header is damaged.`)
  if (header.role !== 'model')
    throw new ModelyardError('not_a_model_file', `By its header ${first.name} is no model but of the kind "${header.role}".`)
  const count = header.shard?.count ?? 1
  if (count !== weights.length)
    throw new ModelyardError('shard_missing', `By its header ${first.name} is one of ${count} files, and ${weights.length} are there.`)
  return header
}

const withHeader = (subject: Subject, header: GgufSummary | undefined): Subject => ({
  ...subject,
  architecture: header?.architecture ?? subject.architecture,
  parameters: subject.parameters ?? header?.parameters,
  quantization: subject.quantization ?? header?.quantization,
})

function warningsOf({ quantization }: Subject, header: GgufSummary | undefined, { kind }: Found): string[] {
  const other = header?.quantization !== undefined && quantization !== undefined && !sameQuantization(header.quantization, quantization)
  return [
    ...(other ? [`Its name says ${quantization}, its header ${header?.quantization}.`] : []),
    ...(header && header.template === undefined && kind !== 'share'
      ? ['It brings no chat template: its engine will use a plain one.']
      : []),
  ]
}

/** Names tell variants (`UD-Q4_K_XL`, `Q6_K_L`) that headers do not know. */
const sameQuantization = (header: string, name: string): boolean => {
  const base = (text: string): string => text.toUpperCase().replace(/^UD-/, '').split('_').slice(0, 2).join('_')
  return base(header) === base(name)
}

function planned({ path, bytes, sha256, role, at, inLibrary }: SubjectFile, decided: readonly Decided[]): PlannedFile {
  const common = { path, bytes, ...(sha256 !== undefined && { sha256 }), role }
  if (at === undefined) return { ...common, from: 'download' }
  const copied = decided.length > 0 && decided.every(({ decision }) => copies(decision))
  return { ...common, from: inLibrary ? 'library' : copied ? 'copy' : 'link', already: at }
}

/** It costs its bytes once more. */
const copies = ({ strategy, extraBytes }: Decided['decision']): boolean =>
  strategy === 'copy' || strategy === 'registry-copy' || (strategy === 'library' && extraBytes > 0)

async function missingBytes({ downloads }: Ports, { files }: Subject): Promise<number> {
  let sum = 0
  for (const { at, bytes, sha256 } of files) if (at === undefined) sum += bytes - (sha256 === undefined ? 0 : await downloads.have(sha256))
  return Math.max(0, sum)
}

function needsOf({ library }: Ports, download: number, decided: readonly Decided[]): Need[] {
  const imports = decided.flatMap(({ decision: { extraBytes, volume } }) =>
    volume === undefined || extraBytes === 0 ? [] : [{ folder: volume, bytes: extraBytes }],
  )
  return [...(download > 0 ? [{ folder: library.folder, bytes: download }] : []), ...imports]
}

/** The listing of a mirror may have none; then the answer for the file itself has. */
async function withHashes({ hub }: Ports, subject: Subject, signal: AbortSignal): Promise<Subject> {
  const { repo, commit } = subject
  if (commit === undefined) return subject
  const files: SubjectFile[] = []
  for (const file of subject.files) {
    const sha256 = file.sha256 ?? (await hub.resolve({ repo, commit, path: file.path }, signal)).sha256
    if (sha256 === undefined)
      throw new ModelyardError('hub_protocol', `The Hub tells no hash of ${file.path}, so what comes could not be checked.`, {
        hint: 'Ask the Hub itself, not a mirror of it.',
        retryable: false,
      })
    files.push({ ...file, sha256 })
  }
  return { ...subject, files }
}

/** A repository may publish another file under an old name: the one that is here is not replaced unasked. */
async function mustBeFree({ library }: Ports, { repo, commit, files }: Subject): Promise<void> {
  if (commit === undefined) return
  for (const { path, sha256, inLibrary } of files) {
    const at = join(library.folder, repo, path)
    const there = inLibrary ? undefined : await stat(at).catch(() => undefined)
    if (!there || (await library.at(at))?.sha256 === sha256) continue
    throw new ModelyardError('conflict', `Another file lies at ${at}: an older version, or one that somebody put there.`, {
      hint: 'Remove that model first (`modelyard rm`), or move the file away.',
      retryable: false,
    })
  }
}

const defined = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T
