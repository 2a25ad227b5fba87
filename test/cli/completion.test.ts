import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandTable, commonOptions } from '../../src/cli/command-table.ts'
import { bashScript } from '../../src/cli/completion/bash.ts'
import { fishScript } from '../../src/cli/completion/fish.ts'
import { zshScript } from '../../src/cli/completion/zsh.ts'

const line = { commands: commandTable, commonOptions }
const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

describe.runIf(hasShell('bash'))('completion in bash', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'modelyard-completion-'))
    writeFileSync(join(folder, 'script'), bashScript(line))
    // Stands for the installed command: names by their kind.
    writeFileSync(
      join(folder, 'modelyard'),
      `#!/bin/sh\n[ "$2" = model ] && printf 'ollama/qwen3:8b\\nollama/qwen3:14b\\nlmstudio/gemma\\n'\n[ "$2" = slot ] && printf 'default\\ncode\\n'\n[ "$2" = job ] && printf '3f2a-1\\n4b-2\\n'\n[ "$2" = catalog ] && printf 'qwen3-8b\\n'\ntrue\n`,
    )
    chmodSync(join(folder, 'modelyard'), 0o755)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function complete(line: string): string[] {
    const script = `source ${folder}/script; COMP_LINE="$1"; COMP_POINT=\${#1}; _modelyard; printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', line], { encoding: 'utf8', env })
    expect([stderr, status]).toEqual(['', 0])
    return stdout.split('\n').filter((word) => word !== '')
  }

  it.each([
    ['modelyard s', ['serve', 'stop', 'status', 'show', 'search', 'set', 'share', 'slots']],
    ['modelyard o', ['open']],
    ['modelyard open --p', ['--print']],
    ['modelyard slots ', ['add', 'rm']],
    ['modelyard slots rm c', ['code']],
    ['modelyard use ', ['ollama/qwen3:8b', 'ollama/qwen3:14b', 'lmstudio/gemma']],
    ['modelyard run lm', ['lmstudio/gemma']],
    ['modelyard use ollama/qwen3:', ['8b', '14b']],
    ['modelyard use ollama/qwen3:1', ['14b']],
    ['modelyard use x --policy ov', ['overlap']],
    ['modelyard use x --slot ', ['default', 'code']],
    ['modelyard use x --po', ['--policy']],
    ['modelyard set x --p', ['--pin']],
    ['modelyard get q', ['qwen3-8b']],
    ['modelyard pull x --no', ['--no-use']],
    ['modelyard share x --in', ['--into']],
    ['modelyard jobs ', ['watch', 'pause', 'resume', 'cancel']],
    ['modelyard jobs pause 3', ['3f2a-1']],
    ['modelyard jobs cancel x --', ['--remove-partial', '--home', '--library', '--config', '--json', '--help']],
    ['modelyard completion ', ['bash', 'zsh', 'fish']],
    ['modelyard use x --ctx ', []],
    ['modelyard __', []],
  ])('%s', (line, words) => expect(complete(line)).toEqual(words))
})

describe.each([
  ['bash', bashScript(line)],
  ['zsh', zshScript(line)],
  ['fish', fishScript(line)],
])('the script for %s', (shell, script) => {
  it('knows every command and no hidden one', () => {
    for (const { name, hidden } of commandTable) if (!hidden) expect(script).toMatch(new RegExp(`\\b${name}\\b`))
    expect(script).not.toMatch(/\b__complete\b(?! (?:model|slot|provider|job|catalog|\$1))/)
  })
  it.runIf(hasShell(shell))('is one that the shell can read', () => {
    expect(spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})
