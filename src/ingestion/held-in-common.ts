/** What a job added to an engine and another job counts on as well: that stays, and is the other's from then on. */
import type { ImportAddition } from '../providers/provider.ts'
import { hasEnded, type ImportRecord, type JobRecord } from './job-record.ts'
import type { Work } from './work.ts'

/** Hands over what others count on; answers with what nobody else does. */
export async function handOver(work: Work, provider: string, added: readonly ImportAddition[]): Promise<ImportAddition[]> {
  const heirs = new Map<string, ImportAddition[]>()
  const own: ImportAddition[] = []
  for (const one of added) {
    const heir = counting(work).find((record) => holds(record, provider, one.what))
    if (heir) heirs.set(heir.job.id, [...(heirs.get(heir.job.id) ?? []), one])
    else own.push(one)
  }
  for (const [id, some] of heirs) await work.keepOther(id, (record) => withAdditions(record, provider, some))
  return own
}

/** Without what another job has recorded and finished with: two jobs that link one source make files that look the same. */
export function notOfOthers(work: Work, provider: string, recorded: readonly ImportAddition[]): ImportAddition[] {
  const finished = counting(work).flatMap((record) => importsInto(record, provider).filter(({ name }) => name !== undefined))
  return recorded.filter(({ what }) => !finished.some(({ added }) => added.some((one) => one.what === what)))
}

/** Those that go on, and those that came to a good end since this one began: what was there before then it never added. */
function counting(work: Work): JobRecord[] {
  const { createdAt } = work.record().job
  return work.others().filter((record) => {
    const { state, updatedAt } = record.job
    return hasEnded(record) ? state === 'succeeded' && updatedAt >= createdAt : record.cancelling === undefined
  })
}

const importsInto = ({ imports }: JobRecord, provider: string): ImportRecord[] => imports.filter((one) => one.provider === provider)

/** What an import that has not ended has announced is told by itself, when it is known whose it is. */
const holds = (record: JobRecord, provider: string, what: string): boolean =>
  importsInto(record, provider).some(({ name, holds: some = [] }) => name !== undefined && some.includes(what))

/** What the other recorded itself is left as it is: it knows better which file that is. */
const withAdditions = (record: JobRecord, provider: string, some: readonly ImportAddition[]): JobRecord => ({
  ...record,
  imports: record.imports.map((one) => (one.provider === provider ? { ...one, added: joined(one.added, some) } : one)),
})

const joined = (added: ImportRecord['added'], more: readonly ImportAddition[]): ImportRecord['added'] => [
  ...added,
  ...more.filter(({ what }) => !added.some((one) => one.what === what)),
]
