import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { version } from '../../src/util/version.ts'
import { cli, temporaryFolder } from './cli-process.ts'
import { configure, tinyEngine } from './tiny-engine.ts'

describe('without a service', () => {
  it('answers what needs nothing', async () => {
    const home = temporaryFolder()
    const [short, document, help, none] = await Promise.all([
      cli(home, ['--version']),
      cli(home, ['version', '--json']),
      cli(home, ['use', '--help']),
      cli(home, ['lss', '--json']),
    ])
    expect(short).toEqual({ code: 0, out: `${version}\n`, err: '' })
    expect([document.code, JSON.parse(document.out)]).toEqual([0, { version }])
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('Examples:\n  modelyard use ollama/qwen3:8b'), err: '' })
    expect([none.code, JSON.parse(none.out).error.code]).toEqual([2, 'invalid_request'])
    expect(none.err).toContain('Did you mean ls?')
  })

  it('judges the configuration: the line is named, and nothing starts with it', async () => {
    const home = temporaryFolder()
    expect(await cli(home, ['config', 'check'])).toMatchObject({ code: 0, out: expect.stringContaining('the defaults hold') })
    writeFileSync(join(home, 'modelyard.config.jsonc'), '{\n  "slots": {\n    "default": { "polcy": "auto" }\n  }\n}')
    const [check, serve] = await Promise.all([cli(home, ['config', 'check', '--json']), cli(home, ['serve'])])
    expect(check.code).toBe(2)
    expect(JSON.parse(check.out).error).toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('modelyard.config.jsonc:3:'),
    })
    expect(serve).toMatchObject({ code: 2, out: '', err: expect.stringContaining('"polcy"') })
  })

  it('lists the models in its own process', async () => {
    const home = temporaryFolder()
    configure(home, await tinyEngine(['small', 'large']))
    const [models, words, silent] = await Promise.all([cli(home, ['ls', '--json']), cli(home, ['ls']), cli(home, ['status', '--json'])])
    expect(JSON.parse(models.out).models.map(({ ref }: { ref: string }) => ref)).toEqual(['tiny/small', 'tiny/large'])
    expect(words.out.split('\n')).toEqual(['MODEL', 'tiny/small', 'tiny/large', ''])
    expect(JSON.parse(silent.out).slots).toMatchObject([{ slot: 'default', state: 'empty' }])
    expect(silent.err).toContain('No service is running')
  })

  it('changes things under the lock of the home, and remembers them', async () => {
    const home = temporaryFolder()
    configure(home, await tinyEngine(['small']))
    expect(await cli(home, ['slots', 'add', 'code'])).toMatchObject({ code: 0, out: expect.stringContaining('code is empty') })
    expect(await cli(home, ['set', 'small', '--pin', '--json'])).toMatchObject({ code: 0 })
    const shown = await cli(home, ['show', 'small', '--json'])
    expect(JSON.parse(shown.out)).toMatchObject({ ref: 'tiny/small', pinned: true })
    expect(JSON.parse((await cli(home, ['slots', '--json'])).out).slots.map(({ slot }: { slot: string }) => slot)).toEqual([
      'default',
      'code',
    ])
  })

  it('makes a token that a service knows that starts later', async () => {
    const home = temporaryFolder()
    expect((await cli(home, ['token', 'ls'])).err).toContain('token create NAME')
    const made = JSON.parse((await cli(home, ['token', 'create', 'zed', '--json'])).out)
    expect(made).toEqual({ name: 'zed', scope: 'gateway', token: expect.stringMatching(/^mdy_/) })
    expect(JSON.parse((await cli(home, ['token', 'ls', '--json'])).out)).toEqual({
      tokens: [{ name: 'zed', scope: 'gateway', kind: 'app', createdAt: expect.any(String) }],
    })
    expect(JSON.parse((await cli(home, ['token', 'revoke', 'zed', '--json'])).out)).toEqual({ removed: 'zed' })
  })

  it('switches in the foreground, and rolls back in three sentences', async () => {
    const home = temporaryFolder()
    const engine = await tinyEngine(['small', 'broken'])
    configure(home, engine)
    const used = await cli(home, ['use', 'small', '--foreground'])
    expect(used).toMatchObject({ code: 0, out: expect.stringMatching(/^default serves tiny\/small · verified in .*"I am small"\n$/) })
    expect(used.err).toContain('✓ it answered')
    const failed = await cli(home, ['use', 'tiny/broken', '--foreground'])
    expect(failed.code).toBe(5)
    expect(failed.err).toMatch(
      /\n {2}✗ .*\n[\s\S]*\ndefault serves .*\nThe switch to tiny\/broken failed: .*tensor data is out of bounds\n→ .*\n$/,
    )
    expect(JSON.parse((await cli(home, ['slots', '--json'])).out).slots[0]).toMatchObject({ state: 'unverified', ref: 'tiny/small' })
  })

  it('says what is missing, with the code for it', async () => {
    const home = temporaryFolder()
    configure(home, await tinyEngine(['small']))
    const [unknown, noModel, noPrompt, log] = await Promise.all([
      cli(home, ['show', 'nope', '--json']),
      cli(home, ['use']),
      cli(home, ['unload']),
      cli(home, ['logs']),
    ])
    expect([unknown.code, JSON.parse(unknown.out).error.code]).toEqual([3, 'model_not_found'])
    expect([noModel.code, noPrompt.code, log.code]).toEqual([2, 2, 3])
  })

  it('keeps its token to its owner', async () => {
    const home = join(temporaryFolder(), 'home')
    mkdirSync(home, { mode: 0o700 })
    const first = (await cli(home, ['token'])).out.trim()
    expect(first).toMatch(/^mdy_[\w-]{43}$/)
    const rotated = await cli(home, ['token', 'rotate'])
    expect((await cli(home, ['token'])).out).toBe(rotated.out)
    expect(rotated.out.trim()).not.toBe(first)
    expect((await cli(home, ['token', 'rotate'], { env: { MODELYARD_TOKEN: 'x'.repeat(20) } })).code).toBe(1)
  })
})
