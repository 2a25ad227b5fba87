/** App tokens on real files: hashed, named, noted when used, gone at once when revoked. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AppTokens, openAppTokens } from '../../src/store/app-tokens.ts'

let home: string
let time: number
const warnings: string[] = []
const opened: AppTokens[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'modelyard-tokens-'))
  time = Date.parse('2026-01-01T00:00:00Z')
  warnings.length = 0
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await rm(home, { recursive: true, force: true })
})

async function open(noteMs?: number): Promise<AppTokens> {
  const tokens = await openAppTokens({ home, onWarning: (text) => void warnings.push(text), now: () => time, ...(noteMs && { noteMs }) })
  opened.push(tokens)
  return tokens
}
const file = (): Promise<string> => readFile(join(home, 'tokens.json'), 'utf8')

describe('an app token', () => {
  it('is 256 random bits, said once and kept as a hash in a file of its owner', async () => {
    const tokens = await open()
    const made = await tokens.create({ name: 'zed' })
    const other = await tokens.create({ name: 'panel', scope: 'control' })
    expect(made).toEqual({ name: 'zed', scope: 'gateway', token: expect.stringMatching(/^mdy_[A-Za-z0-9_-]{43}$/) })
    expect(other.token).not.toBe(made.token)
    expect(await file()).not.toContain(made.token)
    expect(await file()).not.toContain(made.token.slice(4))
    expect((await stat(join(home, 'tokens.json'))).mode & 0o777).toBe(0o600)
    expect(JSON.stringify(tokens.list())).not.toMatch(/sha256|mdy_/)
    expect(tokens.list()).toEqual([
      { name: 'zed', scope: 'gateway', kind: 'app', createdAt: '2026-01-01T00:00:00.000Z' },
      { name: 'panel', scope: 'control', kind: 'app', createdAt: '2026-01-01T00:00:00.000Z' },
    ])
  })

  it('is known by itself alone, also after a restart', async () => {
    const { token } = await (await open()).create({ name: 'zed' })
    const tokens = await open()
    expect(tokens.holderOf(token)).toEqual({ name: 'zed', scope: 'gateway' })
    for (const wrong of ['', `${token}x`, token.slice(0, -1), token.toUpperCase(), 'mdy_'])
      expect(tokens.holderOf(wrong), wrong).toBeUndefined()
    const hash = /"sha256": "([0-9a-f]{64})"/.exec(await file())?.[1] ?? ''
    expect(tokens.holderOf(hash)).toBeUndefined()
  })

  it('opens nothing from the moment in which it is revoked, and tells who has to go', async () => {
    const tokens = await open()
    const { token } = await tokens.create({ name: 'zed' })
    const told: unknown[] = []
    const stop = tokens.onRevoke((name) => told.push([name, tokens.holderOf(token)]))
    const revoking = tokens.revoke('zed')
    expect([tokens.holderOf(token), told]).toEqual([undefined, [['zed', undefined]]])
    await revoking
    expect((await open()).holderOf(token)).toBeUndefined()
    await expect(tokens.revoke('zed')).rejects.toMatchObject({ code: 'token_not_found' })
    stop()
    const again = await tokens.create({ name: 'zed' })
    expect([tokens.holderOf(token), tokens.holderOf(again.token)?.name]).toEqual([undefined, 'zed'])
    await tokens.revoke('zed')
    expect(told).toHaveLength(1)
  })

  it('notes its use once a minute, and no request waits for that', async () => {
    const tokens = await open(1)
    const { token } = await tokens.create({ name: 'zed' })
    const before = await file()
    time += 5000
    tokens.holderOf(token)
    expect(tokens.list()[0]?.lastUsedAt).toBe('2026-01-01T00:00:05.000Z')
    time += 59_000
    for (let count = 0; count < 1000; count += 1) tokens.holderOf(token)
    expect(tokens.list()[0]?.lastUsedAt).toBe('2026-01-01T00:00:05.000Z')
    time += 1000
    tokens.holderOf(token)
    expect(tokens.list()[0]?.lastUsedAt).toBe('2026-01-01T00:01:05.000Z')
    await tokens.close()
    expect(await file()).not.toBe(before)
    expect((await open()).list()[0]?.lastUsedAt).toBe('2026-01-01T00:01:05.000Z')
    expect((await readdir(home)).filter((name) => name !== 'tokens.json')).toEqual([])
  })

  it('has a name of its own, by a grammar, and there are not too many', async () => {
    const tokens = await open()
    await tokens.create({ name: 'constructor' })
    await expect(tokens.create({ name: 'constructor' })).rejects.toMatchObject({ code: 'conflict', retryable: false })
    for (const name of ['', '@home', '-a', 'A', 'a b', '../x', '__proto__', 'x'.repeat(65), 'a/b'])
      await expect(tokens.create({ name }), name).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(tokens.create({ name: 'ok', scope: 'root' as never })).rejects.toMatchObject({ code: 'invalid_request' })
    const both = await Promise.allSettled([tokens.create({ name: 'twice' }), tokens.create({ name: 'twice' })])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (let count = tokens.list().length; count < 256; count += 1) await tokens.create({ name: `n${count}` })
    await expect(tokens.create({ name: 'one-more' })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('opens nothing out of a file that was damaged, which is kept aside', async () => {
    const { token } = await (await open()).create({ name: 'zed' })
    await writeFile(join(home, 'tokens.json'), (await file()).replace('"gateway"', '"everything"'))
    const tokens = await open()
    expect([tokens.holderOf(token), tokens.list(), warnings.length]).toEqual([undefined, [], 1])
    expect((await readdir(home)).some((name) => name.startsWith('tokens.json.damaged-'))).toBe(true)
  })

  it('that could not be kept is none', async () => {
    const tokens = await open()
    await rm(home, { recursive: true })
    await expect(tokens.create({ name: 'zed' })).rejects.toMatchObject({ code: 'internal' })
    expect(tokens.list()).toEqual([])
  })
})
