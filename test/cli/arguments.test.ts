import { describe, expect, it } from 'vitest'
import type { CommandSpec } from '../../src/cli/command-spec.ts'
import { commandTable, policyNames } from '../../src/cli/command-table.ts'
import { loadOptionsOf, timeToLive } from '../../src/cli/load-options.ts'
import { rate } from '../../src/cli/option-values.ts'
import { parse } from '../../src/cli/program.ts'
import { policies } from '../../src/contract/index.ts'

const ask = async (...words: string[]) => {
  const invocation = await parse(words, () => {})
  return invocation && { name: invocation.spec.name, words: invocation.words, options: invocation.options }
}
const help = async (...words: string[]): Promise<string> => {
  let text = ''
  expect(await parse(words, (more) => (text += more))).toBeUndefined()
  return text
}

describe('the command line', () => {
  it('finds commands, aliases and commands below others', async () => {
    expect(await ask('list', '--all')).toEqual({ name: 'ls', words: [], options: { all: true } })
    expect(await ask('slots')).toMatchObject({ name: 'slots' })
    expect(await ask('slots', 'add', 'code')).toEqual({ name: 'add', words: ['code'], options: {} })
    expect(await ask('token', 'rotate')).toMatchObject({ name: 'rotate' })
    expect(await ask('run', 'a', 'b', 'c')).toMatchObject({ name: 'chat', words: ['a', 'b', 'c'] })
  })

  it('takes the common options before and after the command', async () => {
    expect(await ask('--home', '/h', 'ls', '--json')).toMatchObject({ options: { home: '/h', json: true } })
    expect(await ask('slots', 'add', 'x', '--config', 'c', '--library', 'l')).toMatchObject({ options: { config: 'c', library: 'l' } })
  })

  it('shows the status when nothing is said', async () => {
    expect(await ask()).toMatchObject({ name: 'status' })
    expect(await ask('--json', '--home', '/h')).toMatchObject({ name: 'status', options: { home: '/h' } })
  })

  it('reads values', async () => {
    const { options } = (await ask('use', 'm', '--ctx', '8192', '--gpu-layers', '0', '--policy', 'replace')) ?? {}
    expect(options).toEqual({ ctx: 8192, gpuLayers: 0, policy: 'replace' })
    expect(loadOptionsOf(options ?? {})).toEqual({ contextLength: 8192, gpuLayers: 0 })
    expect(await ask('serve', '--allow-host', 'a', '--allow-host', 'b', '--port', '0')).toMatchObject({
      options: { allowHost: ['a', 'b'], port: 0 },
    })
  })

  it('reads what is wished of a job', async () => {
    expect(await ask('get', 'qwen3-8b', '--into', 'a', '--into', 'b', '--use', '--limit', '5M')).toEqual({
      name: 'pull',
      words: ['qwen3-8b'],
      options: { into: ['a', 'b'], use: true, limit: 5_000_000 },
    })
    expect(await ask('pull', 'x', '--no-use')).toMatchObject({ options: { use: false } })
    expect((await ask('pull', 'x'))?.options).toEqual({})
    expect(await ask('pull', '--from', 'ollama', 'qwen3:8b')).toMatchObject({ words: ['qwen3:8b'], options: { from: 'ollama' } })
    expect(await ask('jobs', 'cancel', '3f2a', '--remove-partial')).toMatchObject({ name: 'cancel', options: { removePartial: true } })
  })

  it.each([
    [['pull'], "'source'"],
    [['pull', 'a', 'b'], 'too many arguments'],
    [['pull', 'a', '--limit', 'fast'], '--limit'],
    [['jobs', 'pause'], "'id'"],
    [['use', 'm', '--ctx', '8k'], '--ctx'],
    [['use', 'm', '--ctx', '-1'], '--ctx'],
    [['use', 'm', '--policy', 'best'], 'auto, overlap, replace, exclusive'],
    [['ls', '--nonsense'], "'--nonsense'"],
    [['show'], "'ref'"],
    [['ls', 'x'], 'too many arguments'],
    [['slots', 'ad', 'x'], 'too many arguments'],
    [['config'], 'another word'],
    [['--json', 'nonsense'], "'nonsense'"],
  ])('refuses %j', async (words, said) => {
    await expect(ask(...words)).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(ask(...words)).rejects.toThrow(new RegExp(said.replace(/[^\w ]/g, '.'), 'i'))
  })

  it('suggests the nearest command', async () => {
    await expect(ask('lss')).rejects.toMatchObject({ code: 'invalid_request', message: "Unknown command 'lss'.", hint: 'Did you mean ls?' })
    await expect(ask('provider')).rejects.toMatchObject({ hint: 'Did you mean providers?' })
  })
})

describe('times to live', () => {
  it.each([
    ['30m', '30m'],
    ['1h30m', '1h30m'],
    ['300', 300],
    ['-1', -1],
    ['0', 0],
  ])('%s is %j', (text, value) => expect(timeToLive(text)).toBe(value))
  it.each(['', 'soon', '30 m', '-5', '9999999999'])('refuses %j', (text) => expect(() => timeToLive(text)).toThrow('--ttl'))
})

describe('rates', () => {
  const read = rate('--limit')
  it.each([
    ['5M', 5_000_000],
    ['500k', 500_000],
    ['1.5m', 1_500_000],
    ['2G', 2_000_000_000],
    ['1MiB', 1_048_576],
    ['10MB/s', 10_000_000],
    ['4096', 4096],
  ])('%s is %i', (text, value) => expect(read(text)).toBe(value))
  it.each(['', '0', '1000', '-5M', '5 M', 'fast', '5T', '1e9', '999999G', '5M/min'])('refuses %j', (text) =>
    expect(() => read(text)).toThrow('--limit'),
  )
})

describe('help', () => {
  it('lists every command that is not hidden', async () => {
    const text = await help('--help')
    for (const { name, hidden } of commandTable) expect(text.includes(`\n  ${name}`)).toBe(!hidden)
  })

  it('shows examples of every command', async () => {
    const all = (specs: readonly CommandSpec[], above: string[] = []): [string[], CommandSpec][] =>
      specs.flatMap((spec) => [
        [[...above, spec.name], spec] as [string[], CommandSpec],
        ...all(spec.commands ?? [], [...above, spec.name]),
      ])
    for (const [path, { hidden, examples }] of all(commandTable)) {
      const text = await help(...path, '--help')
      if (hidden) continue
      expect(examples.length, path.join(' ')).toBeGreaterThan(0)
      for (const example of examples) expect(text).toContain(example)
      expect(text).toContain('--home')
    }
  })

  it('names the policies of the contract', () => expect(policyNames).toEqual(policies))
})
