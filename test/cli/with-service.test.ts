import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, start, temporaryFolder } from './cli-process.ts'
import { configure, tinyEngine } from './tiny-engine.ts'

async function serving(models: string[] = ['small', 'large'], words: string[] = []) {
  const home = temporaryFolder()
  const engine = await tinyEngine(models)
  configure(home, engine)
  const service = start(home, ['serve', '--json', ...words], { input: 'open' })
  const [line] = await service.said(/^.*\n/)
  return { home, engine, service, said: JSON.parse(line) as { url: string; pid: number; tokenFile: string } }
}

describe('with a service', () => {
  it('says one line, is found by other commands, and ends when it is asked', async () => {
    const { home, service, said } = await serving()
    expect(said).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      pid: service.child.pid,
      tokenFile: join(home, 'token'),
    })
    const [status, second, taken, config] = await Promise.all([
      cli(home, ['status']),
      cli(home, ['serve']),
      cli(temporaryFolder(), ['serve', '--port', new URL(said.url).port]),
      cli(home, ['config', 'show', '--config', 'other.jsonc', '--json']),
    ])
    expect(status).toMatchObject({ code: 0, out: expect.stringContaining(`${said.url}, process ${said.pid}`) })
    expect(second).toMatchObject({ code: 9, out: '', err: expect.stringContaining(said.url) })
    expect(taken).toMatchObject({ code: 1, out: '', err: expect.stringContaining('A Modelyard service listens there already') })
    expect(config.err).toContain('--config is not used')
    expect(await cli(home, ['stop'])).toMatchObject({ code: 0, out: expect.stringContaining('has ended') })
    const ended = await service.ended
    expect(ended.code).toBe(0)
    expect(ended.out.split('\n')).toHaveLength(2)
    expect(existsSync(join(home, 'server.json'))).toBe(false)
    expect(await cli(home, ['stop', '--json'])).toMatchObject({ code: 0, out: '{"stopped":false}\n' })
  })

  it('switches with its steps, chats through the slot and beside it', async () => {
    const { home, engine } = await serving(['small', 'large', 'broken'])
    const used = await cli(home, ['use', 'small', '--json'])
    expect([used.code, JSON.parse(used.out)]).toMatchObject([
      0,
      { outcome: 'switched', ref: 'tiny/small', verification: { text: 'I am small' } },
    ])
    expect(used.err).toBe('')
    const [chat, beside, piped, events, failed] = await Promise.all([
      cli(home, ['chat', 'Who', 'are', 'you?']),
      cli(home, ['chat', 'large', 'Who are you?']),
      cli(home, ['chat'], { input: 'Who are you?' }),
      cli(home, ['run', '--json', 'Who?']),
      cli(home, ['use', 'broken']),
    ])
    expect([chat.out, beside.out, piped.out]).toEqual(['I am small\n', 'I am large\n', 'I am small\n'])
    expect(
      events.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['start', 'delta', 'delta', 'end'])
    expect(failed).toMatchObject({
      code: 5,
      err: expect.stringMatching(/✗ .*\n[\s\S]*default serves tiny\/small, which answers again\.\n/),
    })
    expect(engine.asked).toContain('broken')
    expect((await cli(home, ['chat'])).code).toBe(2)
  })

  it('cancels and rolls back at Ctrl-C', async () => {
    const { home } = await serving(['small', 'slow'])
    await cli(home, ['use', 'small'])
    const use = start(home, ['use', 'slow'])
    await use.said(/✓/, 'err')
    use.child.kill('SIGINT')
    const ended = await use.ended
    expect(ended.code).toBe(130)
    expect(ended.err).toMatch(/default serves tiny\/small.*\nThe switch to tiny\/slow was cancelled\.\n$/)
    expect(JSON.parse((await cli(home, ['slots', '--json'])).out).slots[0]).toMatchObject({ state: 'serving', ref: 'tiny/small' })
  })

  it('is started in the background when a command needs it, and says so', async () => {
    const home = temporaryFolder()
    configure(home, await tinyEngine(['small']))
    const used = await cli(home, ['use', 'small'])
    try {
      expect(used.code).toBe(0)
      const [, url, pid] = /started one in the background at (\S+) \(process (\d+)\)/.exec(used.err) ?? []
      expect(JSON.parse(readFileSync(join(home, 'server.json'), 'utf8'))).toMatchObject({ url, pid: Number(pid) })
      expect((await cli(home, ['logs'])).out).toContain('listening')
      expect((await cli(home, ['chat', 'Who?'])).err).toBe('')
    } finally {
      expect(await cli(home, ['stop'])).toMatchObject({ code: 0 })
    }
  })

  it('says why it could not be started in the background', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'modelyard.config.jsonc'), '{ "nonsense": 1 }')
    const used = await cli(home, ['use', 'small'])
    expect(used).toMatchObject({ code: 7, out: '' })
    expect(used.err).toMatch(/could not be started in the background: it ended with 2\.\n.*"nonsense"/)
  })

  it('makes tokens for apps, shows when each was used, and ends them', async () => {
    const { home, said } = await serving()
    const made = await cli(home, ['token', 'create', 'panel', '--scope', 'control'])
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^mdy_[\w-]{43}\n$/),
      err: expect.stringContaining('token revoke panel'),
    })
    const status = async () =>
      (await fetch(`${said.url}/yard/v1/status`, { headers: { authorization: `Bearer ${made.out.trim()}` } })).status
    expect(await status()).toBe(200)
    const [again, listed, scope] = await Promise.all([
      cli(home, ['token', 'create', 'panel']),
      cli(home, ['token', 'ls']),
      cli(home, ['token', 'create', 'x', '--scope', 'root']),
    ])
    expect([again.code, scope.code]).toEqual([1, 2])
    expect(listed.out).toMatch(/^NAME +SCOPE +KIND +CREATED +LAST USED\npanel +control +app +.*ago +.*(?:ago|now)\n$/)
    expect(await cli(home, ['token', 'revoke', 'panel'])).toMatchObject({ code: 0 })
    expect(await status()).toBe(401)
    expect((await cli(home, ['token', 'revoke', 'panel'])).code).toBe(3)
  })

  it('ends with its parent when told so, and otherwise with a signal', async () => {
    const child = await serving(['small'], ['--exit-with-parent'])
    expect(await cli(child.home, ['status'])).toMatchObject({ code: 0 })
    expect(child.service.child.exitCode).toBeNull()
    child.service.child.stdin.end()
    expect((await child.service.ended).code).toBe(0)
    const other = await serving()
    other.service.child.kill('SIGTERM')
    expect((await other.service.ended).code).toBe(0)
  })
})
