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
  /** Clears what is still written over; the step that was under way is marked by how it all ended. */
  end(outcome: Outcome): void
}

/** Each step on a line with its time; on a terminal the one under way is written over. Silent with --json. */
export function stepView(io: Io): StepView {
  if (io.json) return { show() {}, end() {} }
  let underWay: SwitchStep | undefined
  const { green, red, dim } = io.errColor
  const erase = (): void => {
    if (io.live && underWay) io.err('\r\x1b[2K')
  }
  const failed = (): void => {
    erase()
    if (underWay) io.err(`  ${red('✗')} ${names[underWay][0]}\n`)
    underWay = undefined
  }

  function show(event: SwitchEvent): void {
    if (event.type === 'switch.started')
      return io.note(`${event.switch.slot}: ${event.switch.from ?? 'nothing'} → ${event.switch.to ?? '?'}`)
    if (event.type !== 'switch.step') return
    const { step, state, ms, progress, note } = event
    if (state === 'done') {
      erase()
      if (underWay === step) underWay = undefined
      return io.err(`  ${green('✓')} ${names[step][1]}${dim(`${timeText(ms)}${noteText(note)}`)}\n`)
    }
    if (underWay !== step && underWay !== undefined) failed()
    underWay = step
    if (io.live) io.err(`\r\x1b[2K  ${dim('◌')} ${names[step][0]}${barText(progress)}${dim(noteText(note))}`)
  }

  function end(outcome: Outcome): void {
    if (outcome === 'switched' || outcome === 'already_active') erase()
    else failed()
    underWay = undefined
  }

  return { show, end }
}

const timeText = (ms: number | undefined): string => (ms === undefined ? '' : `  ${formatMs(ms)}`)
const noteText = (note: string | undefined): string => (note === undefined ? '' : `  ${visible(note)}`)

/** A bar and no percentage: the engine gives a share, not bytes. */
function barText(progress: number | undefined): string {
  if (progress === undefined) return ''
  const full = Math.round(progress * 20)
  return `  ${'█'.repeat(full)}${'░'.repeat(20 - full)}`
}
