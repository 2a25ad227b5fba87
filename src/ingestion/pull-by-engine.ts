/** An engine's own download, as a stage of ours. */
import { ModelyardError } from '../contract/index.ts'
import type { ImportAddition, Provider } from '../providers/provider.ts'
import { change, providerOf } from './give-to-engines.ts'
import type { Work } from './work.ts'

export interface EnginePull {
  readonly provider: string
  readonly name: string
  /** What the engine listed before its download began: none of that is ever taken back. */
  readonly before?: readonly string[] | undefined
}

export async function pullByEngine(work: Work, pull: EnginePull): Promise<void> {
  const provider = providerOf(work, pull.provider)
  if (!provider.pull) throw new ModelyardError('unsupported_operation', `${provider.id} has no download of its own any more.`)
  const before = pull.before ?? (await listed(provider, work.signal))
  // It may be there an instant before that is told, under the name that was asked for as far as is known.
  if (pull.before === undefined) await begin(work, { ...pull, before }, additionOf(provider, pull.name, before))
  const told = await download(work, provider, pull.name)
  const name = (await listed(provider, work.signal)).find((one) => provider.sameModel(one, told))
  if (name === undefined) throw new ModelyardError('import_failed', `${provider.id} said that it has ${pull.name}, and does not list it.`)
  await change(work, provider.id, (one) => ({ ...one, name, added: additionOf(provider, name, before), holds: [name] }))
  work.ports.changed(provider.id)
}

const listed = async (provider: Provider, signal: AbortSignal): Promise<string[]> => (await provider.list(signal)).map(({ name }) => name)

const begin = (work: Work, pull: EnginePull & { before: readonly string[] }, added: ImportAddition[]): Promise<void> =>
  work.keep((record) => ({
    ...record,
    pull: { ...pull, before: [...pull.before] },
    imports: record.imports.map((one) => (one.provider === pull.provider ? { ...one, added } : one)),
  }))

/** What an engine had is none of ours, whoever asked for it again. */
const additionOf = (provider: Provider, name: string, before: readonly string[]): ImportAddition[] =>
  before.some((one) => provider.sameModel(one, name)) ? [] : [{ kind: 'model', what: name }]

/** Answers with the name that the engine told last, else the one that was asked for. */
async function download(work: Work, provider: Provider, asked: string): Promise<string> {
  const leave = await work.queue.enter(work.signal, () => work.waits('turn'))
  work.waits(undefined)
  const meter = createMeter(work.ports.now)
  let told = asked
  try {
    for await (const { bytesDone, bytesTotal, status, name } of provider.pull?.(asked, work.signal) ?? []) {
      told = name ?? told
      work.progress({ bytesDone, bytesTotal, bytesPerSecond: meter(bytesDone), note: status })
    }
  } finally {
    leave()
  }
  work.signal.throwIfAborted()
  return told
}

const windowMs = 5000

/** Bytes a second over the last seconds. */
function createMeter(now: () => number): (bytesDone: number) => number | undefined {
  const seen: { at: number; bytes: number }[] = []
  return (bytes) => {
    const at = now()
    seen.push({ at, bytes })
    while (seen.length > 2 && (seen[0]?.at ?? at) < at - windowMs) seen.shift()
    const [oldest] = seen
    if (!oldest || at - oldest.at < 200) return undefined
    return Math.max(0, ((bytes - oldest.bytes) / (at - oldest.at)) * 1000)
  }
}
