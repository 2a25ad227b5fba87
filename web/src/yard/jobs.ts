/** The jobs, each a signal of its own: progress of one draws one row anew. */
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Job, Verbs, YardEvent } from '../sdk.ts'
import { foldJob, jobOf } from './fold.ts'

export interface Jobs {
  /** Newest first. Undefined until the first list has come. */
  readonly all: ReadonlySignal<readonly ReadonlySignal<Job>[] | undefined>
  find(id: string): ReadonlySignal<Job> | undefined
  onEvent(event: YardEvent): void
  readAll(): Promise<void>
}

export function createJobs(verbs: Verbs): Jobs {
  const all = signal<readonly Signal<Job>[] | undefined>(undefined)
  const find = (id: string): Signal<Job> | undefined => all.value?.find((one) => one.peek().id === id)
  const put = (job: Job): void => {
    const known = find(job.id)
    if (known) known.value = job
    else all.value = [signal(job), ...(all.value ?? [])]
  }
  return {
    all,
    find,
    onEvent(event) {
      const id = jobOf(event)
      const folded = id === undefined ? undefined : foldJob(find(id)?.peek(), event)
      if (folded) put(folded)
    },
    async readAll() {
      const jobs = await verbs.jobs.list()
      batch(() => {
        const kept = jobs.map((job) => {
          const known = find(job.id)
          if (known) known.value = job
          return known ?? signal(job)
        })
        all.value = kept
      })
    },
  }
}
