/** Questions on a terminal: the commands themselves with streams that stand for one, and a person who types. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { CommandContext, RunCommand } from '../../src/cli/command-spec.ts'
import { commandTable, commonOptions } from '../../src/cli/command-table.ts'
import { run as doctor } from '../../src/cli/commands/doctor.ts'
import { run as rm } from '../../src/cli/commands/rm.ts'
import { ioOf } from '../../src/cli/io.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'
import { serviceWithJobs } from '../support/yard-with-jobs.ts'
import { temporaryFolder } from './cli-process.ts'

const enter = '\r'
const escapeKey = '\x1b'
const ctrlC = '\x03'

/** Runs a command; at its question these keys are typed. Gives its exit code, or the code of its error. */
async function asked(command: RunCommand, keys: string, given: Pick<CommandContext, 'words' | 'options'>) {
  const said = { out: [] as string[], err: '' }
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const stdout = { isTTY: true, write: (text: string) => said.out.push(text) }
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  let typed = false
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
    if (typed || !/Yes.*No/.test(said.err)) return
    typed = true
    // Nobody types while the question is still being written.
    setImmediate(() => stdin.write(keys))
  })
  const io = ioOf({ stdin, stdout, stderr }, { NO_COLOR: '1' }, false)
  const signal = new AbortController().signal
  const context: CommandContext = { ...given, io, env: {}, signal, commandLine: { commands: commandTable, commonOptions } }
  const end = await command(context).catch((error: { code?: string }) => error.code)
  stdin.destroy()
  stderr.destroy()
  return { end, typed, out: said.out.join(''), err: said.err }
}

describe('modelyard rm on a terminal', () => {
  function machine() {
    const home = temporaryFolder()
    const providers = Object.fromEntries(['ollama', 'lmstudio', 'llamacpp'].map((id) => [id, { enabled: false }]))
    writeFileSync(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers }))
    mkdirSync(join(home, 'library'))
    const file = join(home, 'library/tiny.gguf')
    writeFileSync(file, tinyGguf())
    // Nobody but a person put it there.
    return { file, given: { words: ['embedded/tiny'], options: { home, foreign: true } } }
  }

  it('removes at a yes, having shown what goes', async () => {
    const { file, given } = machine()
    const { end, out, err } = await asked(rm, 'y', given)
    expect(end).toBe(0)
    expect(err).toContain('Remove embedded/tiny?')
    expect(out).toMatch(/^would go .*tiny\.gguf[\s\S]*\ngone .*tiny\.gguf/)
    expect(existsSync(file)).toBe(false)
  })

  it.each([
    ['a no', 'n'],
    ['Enter alone', enter],
    ['Escape', escapeKey],
    ['Ctrl-C', ctrlC],
  ])('removes nothing at %s', async (_, keys) => {
    const { file, given } = machine()
    const { end, typed, out } = await asked(rm, keys, given)
    expect([end, typed]).toEqual(['cancelled', true])
    expect(out).not.toContain('\ngone')
    expect(existsSync(file)).toBe(true)
  })

  it('asks nothing with --yes', async () => {
    const { file, given } = machine()
    expect(await asked(rm, 'n', { ...given, options: { ...given.options, yes: true } })).toMatchObject({ end: 0, typed: false })
    expect(existsSync(file)).toBe(false)
  })
})

describe('modelyard doctor --fix on a terminal', () => {
  it.each([
    ['y', 0, [['partial:x']]],
    ['n', 'cancelled', []],
    [enter, 'cancelled', []],
  ])('at %j ends with %j', async (keys, end, fixes) => {
    const fixed: string[][] = []
    await using test = await serviceWithJobs(
      {},
      {
        doctor: async () => [{ id: 'partial:x', level: 'warning', text: 'A download was left.', fixable: true, bytes: 1e9 }],
        fix: async (ids) => {
          fixed.push([...ids])
          return []
        },
      },
    )
    const answer = await asked(doctor, keys, { words: [], options: { home: test.home, fix: true } })
    expect(answer).toMatchObject({ end, typed: true })
    expect(answer.err).toMatch(/would fix {2}A download was left\. \(frees 1 GB\)\n[\s\S]*Fix it\?/)
    expect(fixed).toEqual(fixes)
  })
})
