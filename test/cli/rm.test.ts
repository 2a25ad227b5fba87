import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { tinyGguf } from '../../src/testing/gguf/tiny-gguf.ts'
import { cli, temporaryFolder } from './cli-process.ts'

const off = { lmstudio: { enabled: false }, llamacpp: { enabled: false } }

function configured(providers: object): string {
  const home = temporaryFolder()
  writeFileSync(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers: { ...off, ...providers } }))
  return home
}

describe('modelyard rm', () => {
  it('shows what would go, needs a yes where nobody can be asked, then removes it', async () => {
    const home = configured({ ollama: { enabled: false } })
    const file = join(home, 'library/tiny.gguf')
    mkdirSync(join(home, 'library'))
    writeFileSync(file, tinyGguf())
    const [plan, unasked, unsaid, both] = await Promise.all([
      cli(home, ['rm', 'embedded/tiny', '--foreign', '--dry-run', '--json']),
      cli(home, ['rm', 'embedded/tiny']),
      cli(home, ['rm', 'embedded/tiny', '--yes']),
      cli(home, ['rm', 'embedded/tiny', '--yes', '--empty-slot', '--replace-with', 'other']),
    ])
    expect(plan.code).toBe(0)
    expect(JSON.parse(plan.out)).toMatchObject({ dryRun: true, removed: [{ path: file }], kept: [] })
    expect(unasked).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') })
    expect(unsaid).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--foreign') })
    expect(both).toMatchObject({ code: 2, out: '' })
    expect(existsSync(file)).toBe(true)
    expect(await cli(home, ['rm', 'embedded/tiny', '--foreign', '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/gone .*tiny\.gguf .*\nembedded\/tiny is removed, .* freed\n$/),
    })
    expect(existsSync(file)).toBe(false)
    expect((await cli(home, ['rm', 'embedded/tiny', '--yes'])).code).toBe(3)
  })

  it('refuses what serves a slot, and empties the slot when told so', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'beta' }] })
    const home = configured({ ollama: { baseUrl: engine.url } })
    expect((await cli(home, ['use', 'alpha', '--foreground'])).code).toBe(0)
    const refused = await cli(home, ['rm', 'alpha', '--yes'])
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--replace-with') })
    expect((await cli(home, ['rm', 'alpha', '--yes', '--empty-slot', '--json'])).code).toBe(0)
    expect(engine.shelf.models.map(({ name }) => name)).toEqual(['beta'])
    expect(readFileSync(join(home, '.env'), 'utf8')).not.toContain('alpha')
  })
})
