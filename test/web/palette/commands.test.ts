/** What can be done by its name. */
import { describe, expect, it } from 'vitest'
import { type Actions, type Command, commandsOf, getCommand, type Known } from '../../../web/src/palette/commands.ts'
import { found } from '../../../web/src/palette/found.ts'
import type { Model, ProviderInfo } from '../../../web/src/sdk.ts'

const model = (ref: string, kind: Model['kind'] = 'chat'): Model => ({
  ref,
  provider: ref.slice(0, ref.indexOf('/')),
  name: ref.slice(ref.indexOf('/') + 1),
  kind,
  capabilities: [],
  loaded: [],
  pinned: false,
  slots: [],
})
const engine = (id: string, unload: 'yes' | 'none', ...refs: string[]): ProviderInfo =>
  ({ id, capabilities: { unload }, loaded: refs.map((ref) => ({ ref })) }) as unknown as ProviderInfo

function scene(more: Partial<Known> = {}) {
  const done: unknown[][] = []
  const note =
    (name: string) =>
    (...args: unknown[]): Promise<void> => {
      done.push([name, ...args])
      return Promise.resolve()
    }
  const names = ['use', 'eject', 'cancel', 'get', 'go', 'copyAddress', 'theme', 'keys', 'signOut'] as const
  const act = Object.fromEntries(names.map((name) => [name, note(name)])) as unknown as Actions
  const known: Known = { slot: 'coder', models: [], providers: [], switches: [], ...more }
  const commands = commandsOf(known, act)
  const run = (typed: string): string | undefined => {
    const [first] = found(commands, typed, [])
    first?.run()
    return first?.title
  }
  return { commands, act, done, run }
}
const idsOf = (commands: readonly Command[]): string[] => commands.map(({ id }) => id)

describe('commands', () => {
  it('use every chat model, for the slot that is meant, and open every model', () => {
    const { commands, run, done } = scene({ models: [model('ollama/qwen3:8b'), model('lmstudio/nomic', 'embedding')] })
    expect(idsOf(commands)).toContain('use ollama/qwen3:8b')
    expect(idsOf(commands)).not.toContain('use lmstudio/nomic')
    expect(commands.find(({ group }) => group === 'use')?.detail).toContain('coder')
    run('use qwen')
    run('rm nomic')
    expect(done).toEqual([
      ['use', 'ollama/qwen3:8b'],
      ['go', 'models', 'lmstudio/nomic'],
    ])
  })
  it('eject what is loaded, where the engine can, once', () => {
    const { commands, run, done } = scene({
      providers: [engine('ollama', 'yes', 'ollama/a', 'ollama/a'), engine('other', 'none', 'other/b')],
    })
    expect(idsOf(commands).filter((id) => id.startsWith('eject'))).toEqual(['eject ollama/a'])
    run('unload')
    expect(done).toEqual([['eject', 'ollama/a']])
  })
  it('cancel a switch that runs, and none that has ended', () => {
    const record = (id: string, outcome?: 'switched') => ({ record: { id, slot: 'default', to: `ollama/${id}`, outcome }, steps: [] })
    const { commands, run, done } = scene({ switches: [record('one'), record('two', 'switched')] as never })
    expect(idsOf(commands).filter((id) => id.startsWith('cancel'))).toEqual(['cancel one'])
    run('cancel')
    expect(done).toEqual([['cancel', 'one']])
  })
  it.each([
    ['settings', ['go', 'settings']],
    ['address', ['copyAddress']],
    ['theme dark', ['theme', 'dark']],
    ['shortcuts', ['keys']],
    ['sign out', ['signOut']],
  ])('%s', (typed, what) => {
    const { run, done } = scene()
    run(typed)
    expect(done).toEqual([what])
  })
  it('show names of others without what reorders or hides', () => {
    const { commands } = scene({ models: [model(`ollama/a\u202eb\u0007${'x'.repeat(10_000)}`)] })
    const [use] = commands
    expect(use?.title).not.toMatch(/[\u202e\u0007]/)
    expect(use?.title.length).toBeLessThan(300)
  })
  it('get what was typed, by either verb or none', () => {
    const { act, done } = scene()
    for (const typed of ['pull qwen3:8b', 'get lab/Tiny-GGUF', ' llama ']) getCommand(typed, act)?.run()
    expect(done).toEqual([
      ['get', 'qwen3:8b'],
      ['get', 'lab/Tiny-GGUF'],
      ['get', 'llama'],
    ])
    expect(getCommand('  ', act)).toBe(undefined)
    expect(getCommand('get', act)).toBe(undefined)
  })
})
