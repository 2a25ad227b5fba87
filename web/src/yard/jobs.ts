/** The jobs, each a signal of its own: progress of one draws one row anew. */
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type Job, jobHasEnded, type Verbs, type YardEvent } from '../sdk.ts'
import { foldJob, jobOf } from './fold.ts'

export interface Jobs {
  /** Newest first. Undefined until the first list has come. */
  readonly all: ReadonlySignal<readonly ReadonlySignal<Job>[] | undefined>
  find(id: string): ReadonlySignal<Job> | undefined
  onEvent(event: YardEvent): void
  readAll(): Promise<void>
}

export function createJobs(verbs: Pick<Verbs, 'jobs'>): Jobs {
  const all = signal<readonly Signal<Job>[] | undefined>(undefined)
  /** For each reading that is under way, what happened since it was asked: an event may overtake the list. */
  const readings = new Set<YardEvent[]>()
  const find = (id: string): Signal<Job> | undefined => all.value?.find((one) => one.peek().id === id)
  const put = (job: Job, before = all.value): void => {
    const known = find(job.id)
    if (known) known.value = job
    else all.value = [renewed(before, job), ...(all.value ?? [])]
  }
  return {
    all,
    find,
    onEvent(event) {
      const id = jobOf(event)
      if (id === undefined) return
      for (const meanwhile of readings) meanwhile.push(event)
      const folded = foldJob(find(id)?.peek(), event)
      if (folded) put(folded)
    },
    async readAll() {
      const meanwhile: YardEvent[] = []
      readings.add(meanwhile)
      try {
        const jobs = await verbs.jobs.list()
        batch(() => {
          const before = all.value
          all.value = jobs.map((job) => renewed(before, job))
          for (const event of meanwhile) {
            const job = find(jobOf(event) ?? '')?.peek()
            const folded = isNews(event, job) ? foldJob(job, event) : undefined
            if (folded) put(folded, before)
          }
        })
      } finally {
        readings.delete(meanwhile)
      }
    },
  }
}

/** The signal that the job has already, where it has one. */
function renewed(before: readonly Signal<Job>[] | undefined, job: Job): Signal<Job> {
  const known = before?.find((one) => one.peek().id === job.id)
  if (!known) return signal(job)
  known.value = job
  return known
}

/** The list is of one moment, the event of another: which of them knows more? */
function isNews(event: YardEvent, listed: Job | undefined): boolean {
  if (!listed) return true
  if (event.type === 'job.progress') return !jobHasEnded(listed) && event.at >= listed.updatedAt
  return 'job' in event && event.job.updatedAt >= listed.updatedAt
}
