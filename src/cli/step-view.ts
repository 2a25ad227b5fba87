import type { SwitchEvent } from '../client/index.ts'
import type { Outcome, SwitchStep } from '../contract/index.ts'
import { formatMs } from './format.ts'
import type { Io } from './io.ts'
import { visible } from './visible.ts'

/** What a step is called while it runs and when it is done. */
const names: Readonly<Record<SwitchStep, readonly [running: string, done: string]>> = {
  resolve: ['looking for the model', 'found'],
  admit: ['looking at what serves now', 'admitted'],
  wait_turn: ['waiting for another switch', 'its turn'],
  make_room: ['making room', 'room'],
  drain: ['waiting for running requests', 'running requests ended'],
  unload: ['unloading the old model', 'old model unloaded'],
  load: ['loading', 'loaded'],
  verify: ['asking it something', 'it answered'],
  cut_over: ['moving the slot', 'cut over'],
  persist: ['remembering the choice', 'remembered'],
  release: ['releasing the old model', 'old model released'],
  roll_back: ['putting back what served before', 'put back'],
}

export interface StepView {
  show(event: SwitchEvent): void
  /** The step that was under way is marked by how it all ended. */
  end(outcome: Outcome): void
}

/** Each step on a line with its time; on a terminal the one under way is written over. Silent with --json. */
export function stepView(io: Io, asked: string): StepView {
  if (io.json) return { show() {}, end() {} }
  let over: { step: SwitchStep; ms?: number | undefined; failed: boolean } | undefined
  let underWay: SwitchStep | undefined
  const { green, red, dim } = io.errColor

  const line = (text: string): void => io.err(`${io.live && underWay ? erase : ''}${text}\n`)
  const settle = (wentWell: boolean): void => {
    const step = over?.step ?? underWay
    if (!step) return
    const [running, done] = names[step]
    const isNothing = step === 'wait_turn' && wentWell && (over?.ms ?? 0) < noticedMs
    if (!isNothing)
      line(wentWell ? `  ${green('✓')} ${done}${dim(timeText(over?.ms))}` : `  ${red('✗')} ${running}${dim(timeText(over?.ms))}`)
    over = undefined
    underWay = undefined
  }

  return {
    show(event) {
      if (event.type === 'switch.started') line(visible(`${event.switch.slot}: ${event.switch.from ?? 'no model'} → ${asked}`))
      if (event.type !== 'switch.step') return
      const { step, state, ms, progress, note } = event
      const isNext = step !== (over?.step ?? underWay)
      if (isNext) settle(over !== undefined && !over.failed && step !== 'roll_back')
      if (state === 'done' || state === 'failed') over = { step, ms, failed: state === 'failed' }
      else if (io.live) io.err(`${erase}  ${dim('◌')} ${names[step][0]}${barText(progress)}${dim(noteText(note))}`)
      underWay = step
    },
    end(outcome) {
      const wentWell = outcome === 'switched' || outcome === 'already_active'
      const wasPutBack = over?.step === 'roll_back' && outcome !== 'degraded'
      settle(over !== undefined && !over.failed && (wentWell || wasPutBack))
    },
  }
}

/** A shorter wait for one's turn is not worth a line. */
const noticedMs = 100

const erase = '\r\x1b[2K'
const timeText = (ms: number | undefined): string => (ms === undefined ? '' : `  ${formatMs(ms)}`)
const noteText = (note: string | undefined): string => (note === undefined ? '' : `  ${visible(note)}`)

/** A bar and no percentage: the engine gives a share, not bytes. */
function barText(progress: number | undefined): string {
  if (progress === undefined) return ''
  const full = Math.round(progress * 20)
  return `  ${'█'.repeat(full)}${'░'.repeat(20 - full)}`
}
