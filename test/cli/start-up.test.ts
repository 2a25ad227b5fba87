import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandSpec } from '../../src/cli/command-spec.ts'
import { commandTable } from '../../src/cli/command-table.ts'

const src = join(import.meta.dirname, '../../src')

/** Everything that is loaded together with a file: our own files, packages. Types are left out: they load nothing. */
function loadedWith(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen
  seen.add(path)
  if (!path.startsWith('/') || path.endsWith('.json')) return seen
  const statements = readFileSync(path, 'utf8').matchAll(/^(?:import|export)\s(?!type\s)[^'"]*?from '([^']+)'/gm)
  for (const [, name = ''] of statements) loadedWith(name.startsWith('.') ? resolve(dirname(path), name) : name, seen)
  return seen
}
const named = (files: Set<string>): string[] => [...files].map((file) => (file.startsWith('/') ? relative(src, file) : file)).sort()

describe('what is loaded at the start', () => {
  it('is nothing but the version before it is decided what to do', () => {
    expect(named(loadedWith(join(src, 'cli/main.ts')))).toEqual(['../package.json', 'cli/main.ts', 'util/version.ts'])
  })

  it('is the parser for a help text: no schema, no HTTP, no command', () => {
    const files = named(loadedWith(join(src, 'cli/run.ts')))
    expect(files.filter((file) => !file.includes('/'))).toEqual(['commander', 'picocolors'])
    expect(files.filter((file) => file.startsWith('cli/commands/'))).toEqual([])
    expect(files).toContain('cli/command-table.ts')
  })

  it('is one file for each command, and each is there', async () => {
    const all = (specs: readonly CommandSpec[]): CommandSpec[] => specs.flatMap((spec) => [spec, ...all(spec.commands ?? [])])
    const commands = all(commandTable).filter(({ load, name }) => load && name !== 'demo')
    expect(commands.length).toBeGreaterThan(20)
    for (const command of commands) expect(await command.load?.(), command.name).toMatchObject({ run: expect.any(Function) })
  })
})
