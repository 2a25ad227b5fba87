/** An engine's own download, as a stage of ours. */
import { ModelyardError } from '../contract/index.ts'
import { change, providerOf } from './give-to-engines.ts'
import type { Work } from './work.ts'

export async function pullByEngine(work: Work, pull: { readonly provider: string; readonly name: string }): Promise<void> {
  const provider = providerOf(work, pull.provider)
  if (!provider.pull) throw new ModelyardError('unsupported_operation', `${provider.id} has no download of its own any more.`)
  const listed = async (name: string): Promise<string | undefined> =>
    (await provider.list(work.signal)).find((one) => provider.sameModel(one.name, name))?.name
  let told = pull.name
  if ((await listed(told)) === undefined)
    await change(work, provider.id, (one) => ({ ...one, added: [{ kind: 'model', what: pull.name }] }))
  const leave = await work.queue.enter(work.signal, () => work.waits('turn'))
  work.waits(undefined)
  const meter = createMeter(work.ports.now)
  try {
    for await (const { bytesDone, bytesTotal, status, name } of provider.pull(pull.name, work.signal)) {
      told = name ?? told
      work.progress({ bytesDone, bytesTotal, bytesPerSecond: meter(bytesDone), note: status })
    }
  } finally {
    leave()
  }
  work.signal.throwIfAborted()
  const name = await listed(told)
  if (name === undefined) throw new ModelyardError('import_failed', `${provider.id} said that it has ${pull.name}, and does not list it.`)
  await change(work, provider.id, (one) => ({ ...one, name }))
  work.ports.changed(provider.id)
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
