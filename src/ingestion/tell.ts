/** Tells what happens to jobs; progress at most a few times a second. */
import type { EventInput, Job } from '../contract/index.ts'

const progressMs = 200

export interface Teller {
  created(job: Job): void
  stage(job: Job): void
  progress(job: Job): void
  finished(job: Job): void
}

export function createTeller({ emit, now }: { readonly emit: (event: EventInput) => void; readonly now: () => number }): Teller {
  const told = new Map<string, { at: number; note: string | undefined }>()
  return {
    created: (job) => emit({ type: 'job.created', job }),
    stage(job) {
      told.delete(job.id)
      emit({ type: 'job.stage', id: job.id, job })
    },
    progress(job) {
      const { id, stage, bytesDone, bytesTotal, bytesPerSecond, secondsLeft, note } = job
      const last = told.get(id)
      const whole = bytesTotal !== undefined && bytesDone >= bytesTotal
      if (last && !whole && now() - last.at < progressMs && last.note === note) return
      told.set(id, { at: now(), note })
      emit({
        type: 'job.progress',
        id,
        stage,
        bytesDone,
        ...(bytesTotal !== undefined && { bytesTotal }),
        ...(bytesPerSecond !== undefined && { bytesPerSecond }),
        ...(secondsLeft !== undefined && { secondsLeft }),
        ...(note !== undefined && { note }),
      })
    },
    finished(job) {
      told.delete(job.id)
      emit({ type: 'job.finished', job })
    },
  }
}
