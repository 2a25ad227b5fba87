/** Files and locks between real processes: no lost line, no torn file, and the kernel lets go of what the dead held. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { askHolder, holderKnows, tryLock, waitForLock } from '../../src/platform/kernel-lock.ts'
import { createEnvMirror } from '../../src/store/env-mirror.ts'
import { findService, holdHome } from '../../src/store/home-lock.ts'
import { ollamaAddress } from '../../src/store/ollama-host.ts'
import { resolveSettings } from '../../src/store/settings.ts'
import { openStateFile } from '../../src/store/state-file.ts'
import { openTokenSource, readOrMakeToken, rotateToken, tokenFileOf } from '../../src/store/token.ts'
import { testFolder } from '../support/test-yard.ts'

let folder = ''
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await testFolder()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

function run(fixture: string, ...args: string[]): ChildProcess {
  const path = new URL(`./fixtures/${fixture}`, import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

describe('a .env under eight editors at once', () => {
  it('loses no line and tears none', async () => {
    const path = join(folder, '.env')
    const others = '# somebody’s\r\nOTHER="a b"\r\n'
    await writeFile(path, others)
    const rounds = 25
    const editors = Array.from({ length: 8 }, (_, index) => run('edit-env.ts', path, `KEY_${index}`, String(rounds)))
    let reading = true
    const torn: string[] = []
    const reader = (async () => {
      while (reading) {
        const text = await readFile(path, 'utf8')
        if (!text.startsWith(others) || (text !== others && !/\n$/.test(text))) torn.push(text)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const codes = await Promise.all(editors.map((child) => once(child, 'exit')))
    reading = false
    await reader
    expect(codes.map(([code]) => code)).toEqual(Array.from({ length: 8 }, () => 0))
    expect(torn).toEqual([])
    const lines = (await readFile(path, 'utf8')).slice(others.length).trim().split('\r\n').sort()
    expect(lines).toEqual(Array.from({ length: 8 }, (_, index) => `KEY_${index}=v${rounds}`))
    expect(await readdir(folder)).toEqual(['.env'])
  })

  it('keeps its mode and its link, and is not written when nothing changes', async () => {
    const real = join(folder, 'real.env')
    await writeFile(real, 'A=1\n')
    await chmod(real, 0o640)
    const path = join(folder, '.env')
    await symlink(real, path)
    const mirror = createEnvMirror(path)
    await mirror.write({ model: 'M', provider: 'P' }, { name: 'qwen3:8b', provider: 'ollama' })
    expect(await readFile(real, 'utf8')).toBe('A=1\nM=qwen3:8b\nP=ollama\n')
    const before = await stat(real)
    expect(before.mode & 0o777).toBe(0o640)
    await mirror.write({ model: 'M', provider: 'P' }, { name: 'qwen3:8b', provider: 'ollama' })
    expect((await stat(real)).ino).toBe(before.ino)
    await expect(mirror.write({ model: 'M' }, { name: 'a b; rm -rf' })).rejects.toMatchObject({ code: 'invalid_env_file' })
    expect(await readFile(real, 'utf8')).toBe('A=1\nM=qwen3:8b\nP=ollama\n')
  })
})

describe('a state file', () => {
  it('is never torn, however often its writer is killed', async () => {
    const path = join(folder, 'state.json')
    for (let round = 0; round < 12; round += 1) {
      const child = run('write-state.ts', path)
      const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
      expect(line.toString()).toBe('writing\n')
      // Some writes later, at no particular place.
      for (let turn = 0; turn < 40 + round * 13; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const text = await readFile(path, 'utf8').catch(() => undefined)
      if (text === undefined) continue
      const { count, text: filling } = JSON.parse(text) as { count: number; text: string }
      expect(filling).toBe(String(count % 10).repeat(20_000 + (count % 7) * 1000))
    }
  })

  it('that is damaged is set aside and said, never overwritten', async () => {
    const path = join(folder, 'state.json')
    await writeFile(path, '{"half":')
    const warnings: string[] = []
    const file = await openStateFile({
      path,
      schema: z.object({ a: z.number() }),
      initial: { a: 1 },
      onWarning: (text) => void warnings.push(text),
    })
    expect(file.value).toEqual({ a: 1 })
    expect(warnings.join()).toContain('damaged')
    const [aside] = (await readdir(folder)).filter((name) => name.includes('damaged'))
    expect(await readFile(join(folder, aside ?? ''), 'utf8')).toBe('{"half":')
  })
})

describe('a lock', () => {
  it('has one holder, and is free as soon as that is killed', async () => {
    const child = run('hold-lock.ts', folder)
    await once(child.stdout ?? child, 'data')
    expect(await tryLock(folder, 'test')).toBeUndefined()
    expect(await tryLock(folder, 'other').then((lock) => lock?.release())).toBeUndefined()
    const waiting = waitForLock(folder, 'test', AbortSignal.timeout(20_000))
    child.kill('SIGKILL')
    const lock = await waiting
    expect(await tryLock(folder, 'test')).toBeUndefined()
    await lock.release()
    await (await tryLock(folder, 'test'))?.release()
  })

  it('is not waited for once the signal has come, at whatever instant', async () => {
    const lock = await tryLock(folder, 'test')
    const waits: Promise<unknown>[] = []
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const stop = new AbortController()
      waits.push(waitForLock(folder, 'test', stop.signal).catch(({ message }: Error) => message))
      for (let tick = 0; tick < ticks; tick += 1) await new Promise(setImmediate)
      stop.abort(new Error('enough'))
    }
    expect(await Promise.all(waits)).toEqual(waits.map(() => 'enough'))
    await lock?.release()
  })

  it('goes by the folder, not by the path to it; its holder proves what it knows, and hears only who knows it', async () => {
    const real = join(folder, 'real')
    await mkdir(real)
    await symlink(real, join(folder, 'link'))
    const wishes: string[] = []
    const lock = await tryLock(real, 'test', { nonce: 'right', onAsk: (wish) => void wishes.push(wish) })
    expect(await tryLock(join(folder, 'link'), 'test')).toBeUndefined()
    expect([
      await holderKnows(real, 'test', 'right'),
      await holderKnows(real, 'test', 'wrong'),
      await holderKnows(real, 'nobody', 'right'),
    ]).toEqual([true, false, false])
    expect(await askHolder(real, 'test', { nonce: 'wrong', wish: 'stop' })).toBe(false)
    expect(await askHolder(real, 'test', { nonce: 'right', wish: 'stop' })).toBe(true)
    expect(wishes).toEqual(['stop'])
    await lock?.release()
    await lock?.release()
  })

  it('of a home names its holder; a stale server.json is believed by nobody', async () => {
    const first = await holdHome(folder)
    await first.publish({ url: 'http://127.0.0.1:1', pid: 42 })
    expect((await stat(join(folder, 'server.json'))).mode & 0o777).toBe(0o600)
    await expect(holdHome(folder)).rejects.toMatchObject({ code: 'home_held', message: expect.stringContaining('42') })
    expect(await findService(folder)).toMatchObject({ pid: 42 })
    const stale = await readFile(join(folder, 'server.json'))
    await first.release()
    await writeFile(join(folder, 'server.json'), stale)
    expect(await findService(folder)).toBeUndefined()
  })
})

describe('the token', () => {
  it('is 256 bits in a file of its owner, compared whole, and taken over when it changes', async () => {
    const token = await readOrMakeToken(folder)
    expect(token).toMatch(/^mdy_[A-Za-z0-9_-]{43}$/)
    expect((await stat(tokenFileOf(folder))).mode & 0o777).toBe(0o600)
    expect(await readOrMakeToken(folder)).toBe(token)
    await chmod(tokenFileOf(folder), 0o644)
    const source = await openTokenSource(folder)
    expect((await stat(tokenFileOf(folder))).mode & 0o777).toBe(0o600)
    expect([source.matches(token), source.matches(`${token}x`), source.matches(''), source.matches(token.slice(0, -1))]).toEqual([
      true,
      false,
      false,
      false,
    ])
    const rotated = new Promise<void>((resolve) => source.onRotate(resolve))
    const next = await rotateToken(folder)
    await rotated
    expect([source.matches(token), source.matches(next)]).toEqual([false, true])
    source.close()
  })
})

describe('settings', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['127.0.0.1', 'http://127.0.0.1:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    [':1234', 'http://127.0.0.1:1234'],
    ['myhost', 'http://myhost:11434'],
    ['myhost:1', 'http://myhost:1'],
    ['http://myhost', 'http://myhost:80'],
    ['https://myhost', 'https://myhost:443'],
    ['http://myhost:8/prefix/', 'http://myhost:8/prefix'],
    ['::1', 'http://[::1]:11434'],
    ['[::1]', 'http://[::1]:11434'],
    ['[::1]:1337', 'http://[::1]:1337'],
    ['[::]:1337', 'http://[::1]:1337'],
    ['host:99999', 'http://host:11434'],
    [' "host:5" ', 'http://host:5'],
    ['ollama.com', 'https://ollama.com:443'],
  ])('OLLAMA_HOST=%s is %s', (written, address) => expect(ollamaAddress(written)).toBe(address))

  it('flags beat variables, variables the file, the file the defaults; and each says where it comes from', async () => {
    await writeFile(
      join(folder, 'modelyard.config.jsonc'),
      '{ "http": { "allowedHosts": ["from.file"] }, "slots": { "default": { "policy": "replace" } } }',
    )
    const env = { MODELYARD_HOME: folder, MODELYARD_PORT: '1', OLLAMA_HOST: '0.0.0.0:5' }
    const settings = await resolveSettings({ env, flags: { port: '2' } })
    expect(settings).toMatchObject({
      port: 2,
      home: folder,
      allowedHosts: ['from.file'],
      envFile: join(folder, '.env'),
      library: join(folder, 'library'),
    })
    expect(settings.slots.get('default')).toMatchObject({ policy: 'replace', queueSeconds: 300 })
    expect(settings.providers.find((one) => one.id === 'ollama')).toMatchObject({
      baseUrl: 'http://127.0.0.1:5',
      baseUrlFrom: 'OLLAMA_HOST',
    })
    expect(settings.sources.find((one) => one.name === 'port')).toEqual({ name: 'port', value: '2', source: 'flag', from: '--port' })
    expect(settings.sources.find((one) => one.name === 'slots.default.policy')).toMatchObject({ source: 'file' })
    expect(
      (await resolveSettings({ env: { ...env, MODELYARD_TOKEN: 'canary-canary-canary' } })).sources.find((one) => one.name === 'token')
        ?.value,
    ).toBe('[set]')
  })

  it.each([
    [{ host: '0.0.0.0' }, '--allow-remote'],
    [{ port: '70000' }, '0 to 65535'],
    [{ allowedOrigins: ['*'] }, 'exact origin'],
    [{ allowedOrigins: ['null'] }, 'exact origin'],
    [{ allowedHosts: ['bad host'] }, 'host name'],
    [{ config: '/nonexistent/c.jsonc' }, 'cannot be read'],
  ])('refuses %j', async (flags, words) => {
    const error = await resolveSettings({ env: { MODELYARD_HOME: folder }, flags }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid_configuration' })
    expect(`${(error as Error).message} ${(error as { hint: string }).hint}`).toContain(words)
  })
})
