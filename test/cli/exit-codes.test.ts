import { describe, expect, it } from 'vitest'
import { exitOfError, exitOfSwitch } from '../../src/cli/exit-codes.ts'
import { type Io, ioOf } from '../../src/cli/io.ts'
import { showError } from '../../src/cli/show-error.ts'
import { errorCodes, ModelyardError, outcomes, type SwitchResult } from '../../src/contract/index.ts'

function recorder(json = false, env: NodeJS.ProcessEnv = {}, isTTY = false): { io: Io; out: string[]; err: string[] } {
  const out: string[] = []
  const err: string[] = []
  const io = ioOf(
    { stdin: { isTTY }, stdout: { isTTY, write: (text) => out.push(text) }, stderr: { isTTY, write: (text) => err.push(text) } },
    env,
    json,
  )
  return { io, out, err }
}

describe('exit codes', () => {
  const rejected = (code: string): Pick<SwitchResult, 'outcome' | 'error'> => ({
    outcome: 'rejected',
    error: { code, message: '', hint: '', retryable: false },
  })

  it('follow the outcome of a switch', () => {
    const codes = outcomes.filter((one) => one !== 'rejected').map((outcome) => [outcome, exitOfSwitch({ outcome })])
    expect(Object.fromEntries(codes)).toEqual({
      switched: 0,
      already_active: 0,
      rolled_back: 5,
      degraded: 6,
      superseded: 1,
      cancelled: 130,
    })
  })

  it('follow the cause of a rejection', () => {
    expect(exitOfSwitch(rejected('model_not_found'))).toBe(3)
    expect(exitOfSwitch(rejected('model_ambiguous'))).toBe(4)
    expect(exitOfSwitch(rejected('provider_unreachable'))).toBe(7)
    expect(exitOfSwitch(rejected('out_of_memory'))).toBe(8)
    expect(exitOfSwitch(rejected('a code of a newer version'))).toBe(1)
  })

  it('follow the table for errors, and call the unknown a failure', () => {
    for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
      expect(exitOfError(new ModelyardError(code))).toBe(errorCodes[code].exit)
    }
    expect(exitOfError(new TypeError('x'))).toBe(1)
    expect(exitOfError(new DOMException('', 'AbortError'))).toBe(130)
  })
})

describe('errors', () => {
  it('are a sentence, the cause and the next command', () => {
    const { io, out, err } = recorder()
    const error = new ModelyardError('service_unreachable', 'No service answers.', { cause: new TypeError('connect ECONNREFUSED') })
    expect(showError(io, error)).toBe(7)
    expect(out).toEqual([])
    expect(err.join('')).toBe('modelyard: No service answers.\n  because: connect ECONNREFUSED\n  → Start it with `modelyard serve`.\n')
  })

  it('list the candidates of an ambiguous name, made safe', () => {
    const { io, err } = recorder()
    showError(io, new ModelyardError('model_ambiguous', 'Two have it.', { details: { candidates: ['ollama/x', 'lmstudio/\x1b[2J'] } }))
    expect(err.slice(1, 3)).toEqual(['  ollama/x\n', '  lmstudio/\\x1b[2J\n'])
  })

  it('are a document on standard output with --json, and words on standard error all the same', () => {
    const { io, out, err } = recorder(true)
    const error = new ModelyardError('home_held')
    expect(showError(io, error)).toBe(9)
    expect(JSON.parse(out.join(''))).toEqual({ error: error.toBody() })
    expect(err[0]).toContain(error.message)
  })
})

describe('colour', () => {
  const red = (env: NodeJS.ProcessEnv, isTTY: boolean): string => recorder(false, env, isTTY).io.color.red('x')
  it('only on a terminal and never with NO_COLOR', () => {
    expect(red({}, true)).not.toBe('x')
    expect(red({}, false)).toBe('x')
    expect(red({ NO_COLOR: '1' }, true)).toBe('x')
    expect(red({ TERM: 'dumb' }, true)).toBe('x')
  })
})
