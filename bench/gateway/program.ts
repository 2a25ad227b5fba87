/** The service as it is shipped, in a process of its own, weighed from inside. Bundled before it is run. */
import { setImmediate as afterOthers, setTimeout as delay } from 'node:timers/promises'
import { serve } from '../../src/server/serve.ts'
import { resolveSettings } from '../../src/store/settings.ts'

export interface Weight {
  /** With what lies outside of the heap, after a collection. */
  readonly heapBytes: number
  readonly residentBytes: number
  readonly cpuSeconds: number
}

export type Wish = 'weigh' | 'watch' | 'watched'
export type Told = Weight | { readonly longestMs: number }

const settings = await resolveSettings({ env: {}, options: JSON.parse(process.argv[2] ?? '{}') })
const service = await serve({ settings, log: (...said) => console.error(...said) })
let watching: { longest: number; ended: boolean } | undefined

async function weigh(): Promise<Weight> {
  const { user, system } = process.cpuUsage()
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.()
    await delay(50)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapBytes: heapUsed + external, residentBytes: rss, cpuSeconds: (user + system) / 1e6 }
}

/** The longest time in which nobody else was served; what others did with the processor meanwhile is not counted. */
async function watch(): Promise<void> {
  const one = { longest: 0, ended: false }
  watching = one
  for (let [last, lastWork] = [performance.now(), workMs()]; !one.ended; ) {
    await afterOthers()
    const [now, work] = [performance.now(), workMs()]
    one.longest = Math.max(one.longest, Math.min(now - last, work - lastWork))
    last = now
    lastWork = work
  }
}

/** Of all threads. */
function workMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function watched(): { longestMs: number } {
  const longestMs = watching?.longest ?? Number.NaN
  if (watching) watching.ended = true
  return { longestMs }
}

process.on('message', async (wish: Wish) => {
  if (wish === 'watch') return void watch()
  process.send?.(wish === 'weigh' ? await weigh() : watched())
})
process.on('disconnect', () => void service.close().then(() => process.exit(0)))
process.send?.({ url: service.url, tokenFile: service.tokenFile })
