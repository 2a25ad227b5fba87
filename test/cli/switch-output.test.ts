import { describe, expect, it } from 'vitest'
import { ioOf } from '../../src/cli/io.ts'
import { showSwitchEnd } from '../../src/cli/show-switch-end.ts'
import { stepView } from '../../src/cli/step-view.ts'
import type { SwitchEvent } from '../../src/client/index.ts'
import type { SwitchResult } from '../../src/contract/index.ts'

function recorder(live = false) {
  const said = { out: '', err: '' }
  const write = (to: 'out' | 'err') => (text: string) => {
    said[to] += text
  }
  const io = ioOf({ stdin: {}, stdout: { write: write('out') }, stderr: { isTTY: live, write: write('err') } }, { NO_COLOR: '1' }, false)
  return { io, said }
}

const at = '2026-01-01T00:00:00.000Z'
const result = (more: Partial<SwitchResult>): SwitchResult => ({
  id: 's1',
  slot: 'default',
  outcome: 'switched',
  epoch: 2,
  persisted: true,
  warnings: [],
  steps: [],
  startedAt: at,
  endedAt: at,
  ...more,
})
const shown = (more: Partial<SwitchResult>): { out: string; err: string } => {
  const { io, said } = recorder()
  showSwitchEnd(io, result(more))
  return said
}
const error = { code: 'load_failed', message: 'llama.cpp: unknown architecture "x"', hint: 'Choose another file.', retryable: false }

describe('how a switch ended', () => {
  it('shows what serves and the text it answered', () => {
    const verification = { text: 'Hello! How\x1b[2J', tokens: 3, reasoning: false, model: 'b', ms: 412 }
    expect(shown({ ref: 'ollama/b', verification, warnings: ['Runs partly on the CPU.'] })).toEqual({
      out: 'default serves ollama/b · verified in 0.4 s: "Hello! How\\x1b[2J"\n',
      err: 'warning: Runs partly on the CPU.\n',
    })
    expect(shown({ outcome: 'already_active', ref: 'ollama/b' }).out).toBe('default serves ollama/b already\n')
  })

  it('says after a roll back what serves, what failed and why, what to do: in this order', () => {
    const { out, err } = shown({ outcome: 'rolled_back', from: 'ollama/a', to: 'ollama/b', ref: 'ollama/a', error })
    expect(out).toBe('')
    expect(err).toBe(
      'default serves ollama/a, which answers again.\n' +
        'The switch to ollama/b failed: llama.cpp: unknown architecture "x"\n' +
        '→ Choose another file.\n',
    )
  })

  it('never says that something serves when nothing does', () => {
    expect(shown({ outcome: 'degraded', from: 'ollama/a', to: 'ollama/b', error }).err).toMatch(/^default has no model that answers\.\n/)
    expect(shown({ outcome: 'rolled_back', to: 'ollama/b', error }).err).toMatch(/^default serves no model, as before\.\n/)
    expect(shown({ outcome: 'rejected', error }).err).toMatch(/^default serves no model\.\nThe switch was refused: llama/)
  })

  it('lists the candidates of an ambiguous name', () => {
    const ambiguous = { ...error, code: 'model_ambiguous', message: 'Two have it.', details: { candidates: ['ollama/x', 'lmstudio/x'] } }
    expect(shown({ outcome: 'rejected', ref: 'ollama/a', error: ambiguous }).err).toContain('\n  ollama/x\n  lmstudio/x\n→ ')
  })

  it('keeps a cancel short', () => {
    expect(shown({ outcome: 'cancelled', ref: 'ollama/a', to: 'ollama/b', error }).err).toBe(
      'default serves ollama/a.\nThe switch to ollama/b was cancelled.\n',
    )
  })
})

describe('steps', () => {
  const step = (name: string, state: string, more: object = {}): SwitchEvent =>
    ({ type: 'switch.step', seq: 1, at, id: 's1', slot: 'default', step: name, state, ...more }) as SwitchEvent
  const run = (live: boolean, outcome: SwitchResult['outcome'], ...events: SwitchEvent[]): string => {
    const { io, said } = recorder(live)
    const view = stepView(io, 'ollama/b')
    for (const event of events) view.show(event)
    view.end(outcome)
    return said.err
  }

  it('are a line each when done, with their time', () => {
    expect(
      run(false, 'switched', step('load', 'started'), step('load', 'progress', { progress: 0.5 }), step('load', 'done', { ms: 2130 })),
    ).toBe('  ✓ loaded  2.1 s\n')
  })

  it('are shown as failed when the roll back comes next: an event only says that they are over', () => {
    const events = [
      step('load', 'started'),
      step('load', 'done', { ms: 41 }),
      step('verify', 'started'),
      step('verify', 'done', { ms: 20 }),
      step('roll_back', 'started'),
      step('roll_back', 'done', { ms: 50 }),
    ]
    const before = '  ✓ loaded  41 ms\n  ✗ asking it something  20 ms\n'
    expect(run(false, 'rolled_back', ...events)).toBe(`${before}  ✓ put back  50 ms\n`)
    expect(run(false, 'degraded', ...events)).toBe(`${before}  ✗ putting back what served before  50 ms\n`)
    expect(run(false, 'degraded', ...events.slice(0, 5))).toBe(`${before}  ✗ putting back what served before\n`)
    expect(run(false, 'rejected', step('drain', 'started'), step('drain', 'done', { ms: 60_000 }))).toBe(
      '  ✗ waiting for running requests  1 min\n',
    )
  })

  it('begin with what is meant to change', () => {
    const started = { type: 'switch.started', seq: 1, at, switch: { ...result({ from: 'ollama/a' }) } } as SwitchEvent
    expect(run(false, 'switched', started)).toBe('default: ollama/a → ollama/b\n')
  })

  it('write over the line on a terminal, with a bar and no percentage', () => {
    const text = run(
      true,
      'switched',
      step('load', 'started'),
      step('load', 'progress', { progress: 0.5, note: '1.2 of 2.4 GB' }),
      step('load', 'done', { ms: 10 }),
    )
    expect(text).toContain(`${'█'.repeat(10)}${'░'.repeat(10)}  1.2 of 2.4 GB`)
    expect(text).not.toContain('%')
    expect(text.endsWith('\r\x1b[2K  ✓ loaded  10 ms\n')).toBe(true)
  })
})
