/**
 * The main job, shown on this machine with nothing else installed: tiny models on real llama.cpp, a verified switch under
 * a running stream of requests, a broken third model rolled back, a restart; then a model got from a stand-in for the
 * Hub through a pause and a kill, and uninstalled. Every line is observed, not told.
 */
import { abortReason } from '../../contract/index.ts'
import { untilAborted } from '../../platform/until-aborted.ts'
import type { Io } from '../io.ts'
import { hubContent, openDemoHub } from './demo-models.ts'
import { openDemoPlace } from './demo-place.ts'
import { createReport } from './report.ts'
import { type Getting, showGetting } from './show-getting.ts'
import { showRestart, showSwitching } from './show-switching.ts'

export interface DemoOptions {
  readonly io: Io
  readonly signal: AbortSignal
}

/** 0 only if every line held. Throws when the signal aborts. Leaves no process and no file, however it ends. */
export async function runDemo({ io, signal }: DemoOptions): Promise<number> {
  io.note('Tiny models are made for this, with no training behind them: each can only say its own name, again and again.')
  io.note('They run on real llama.cpp in this machine’s memory; nothing is sent anywhere.\n')
  const report = createReport(io)
  try {
    const content = hubContent()
    await using hub = await openDemoHub(content)
    await using place = await openDemoPlace(hub, signal)
    await untilAborted(showAll({ place, hub, content, report }, signal), signal)
  } catch (error) {
    if (signal.aborted) throw abortReason(signal)
    report.failed('the demo ran to its end', error)
  }
  return report.end()
}

async function showAll(getting: Getting, signal: AbortSignal): Promise<void> {
  const { place, report } = getting
  const first = await place.start()
  await showSwitching(first.client, report, signal)
  await first.close()
  const second = await place.start()
  await showRestart(place, second.client, report)
  const last = await showGetting(getting, second)
  await last.close()
}
