/** Five downloads that tell of themselves twenty times a second, for minutes: what a page that shows them takes. */
import type { CDPSession, Page } from 'playwright-core'
import type { Chromium } from '../../test/support/chromium.ts'
import type { FakeJobs } from '../../test/support/fake-jobs.ts'
import { type Figure, megabytes } from '../table.ts'
import { goTo, metricsOf, pause, progressOf, type Subject, screens, visit } from './subject.ts'

const jobsAtOnce = 5
const eventsPerSecond = 20
const growthLimit = 5e6
const cpuLimit = 0.05
const bytesTotal = 40e9

export async function progress(chromium: Chromium, subject: Subject, jobs: FakeJobs, minutes: number): Promise<Figure[]> {
  await using visitor = await visit(chromium, subject)
  const { page, session } = visitor
  const ids = await startAll(jobs)
  await goTo(page, subject, screens.get)
  const telling = tell(jobs, ids)
  try {
    await progressOf(page)
      .nth(jobsAtOnce - 1)
      .waitFor()
    await session.send('Performance.enable')
    // Code is compiled and lists are as long as they get.
    await pause((minutes * 60_000) / 10)
    const shownBefore = await shownIn(page)
    const [heapBefore, before] = [await heapOf(session), await metricsOf(session)]
    const from = performance.now()
    await pause(minutes * 60_000)
    const after = await metricsOf(session)
    const wall = (performance.now() - from) / 1000
    const grown = (await heapOf(session)) - heapBefore
    const busy = ((after.TaskDuration ?? 0) - (before.TaskDuration ?? 0)) / wall
    if ((await shownIn(page)) === shownBefore) throw new Error('the page does not show how far the jobs are')
    const what = `${eventsPerSecond} progress events a second on ${jobsAtOnce} jobs for ${minutes} min`
    return [
      {
        what: `${what}: growth of memory`,
        measured: megabytes(grown),
        peer: `before ${megabytes(heapBefore)}, ${telling.count} events`,
        limit: megabytes(growthLimit),
        share: Math.max(0, grown) / growthLimit,
      },
      {
        what: `${what}: of one core`,
        measured: `${(busy * 100).toFixed(1)} %`,
        peer: `scripts ${((((after.ScriptDuration ?? 0) - (before.ScriptDuration ?? 0)) / wall) * 100).toFixed(1)} %`,
        limit: `${cpuLimit * 100} %`,
        share: busy / cpuLimit,
      },
    ]
  } finally {
    telling.stop()
  }
}

async function startAll(jobs: FakeJobs): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < jobsAtOnce; index += 1) {
    const { id } = await jobs.start({ repo: `lab/Model-${index}-GGUF`, quantization: 'Q4_K_M' })
    jobs.enter(id, 'download', { state: 'running', bytesTotal })
    ids.push(id)
  }
  return ids
}

function tell(jobs: FakeJobs, ids: readonly string[]): { stop(): void; readonly count: number } {
  let count = 0
  const timer = setInterval(() => {
    const bytesDone = (count * 2_000_000) % bytesTotal
    const bytesPerSecond = 35e6 + (count % 7) * 1e6
    jobs.progress(ids[count % ids.length] ?? '', bytesDone, {
      bytesTotal,
      bytesPerSecond,
      secondsLeft: (bytesTotal - bytesDone) / bytesPerSecond,
    })
    count += 1
  }, 1000 / eventsPerSecond)
  return {
    stop: () => clearInterval(timer),
    get count() {
      return count
    },
  }
}

const shownIn = (page: Page): Promise<string> =>
  progressOf(page).evaluateAll((bars) =>
    bars.map((bar) => bar.getAttribute('aria-valuenow') ?? (bar as unknown as { value: number }).value).join(),
  )

/** What is used after everything that nobody holds is gone. */
async function heapOf(session: CDPSession): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) await session.send('HeapProfiler.collectGarbage')
  return (await metricsOf(session)).JSHeapUsedSize ?? Number.NaN
}
