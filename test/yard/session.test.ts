/** Signing browsers in, with a clock of the test and tokens in a real file. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AppTokens, openAppTokens } from '../../src/store/app-tokens.ts'
import { tokenDigest } from '../../src/store/token-digest.ts'
import { browserLabel } from '../../src/yard/browser-label.ts'
import { createSession } from '../../src/yard/session.ts'

const day = 24 * 60 * 60 * 1000
let home: string
let time: number
let tokens: AppTokens
const opened: AppTokens[] = []
const now = (): number => time

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'modelyard-session-'))
  time = Date.parse('2026-01-01T00:00:00Z')
  tokens = await open()
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await rm(home, { recursive: true, force: true })
})

async function open(): Promise<AppTokens> {
  const made = await openAppTokens({ home, onWarning: () => {}, now })
  opened.push(made)
  return made
}
const sessionOver = (over: AppTokens = tokens) => createSession({ tokens: over, now, digest: tokenDigest })
const refused = { code: 'unauthorized', hint: expect.stringContaining('modelyard open') }

describe('a code', () => {
  it('is random, good for a minute, and gives a token of control', async () => {
    const session = sessionOver()
    const { code, expiresAt } = session.code()
    expect([code, expiresAt]).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{27}$/), '2026-01-01T00:01:00.000Z'])
    expect(session.code().code).not.toBe(code)
    time += 59_999
    const made = await session.signIn(code, { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' })
    expect(made).toEqual({
      token: expect.stringMatching(/^mdy_/),
      name: expect.stringMatching(/^browser-firefox-[0-9a-f]{4}$/),
      expiresAt: new Date(time + 30 * day).toISOString(),
    })
    expect(tokens.holderOf(made.token)).toEqual({ name: made.name, scope: 'control' })
    expect(tokens.list()).toMatchObject([{ name: made.name, scope: 'control', kind: 'browser' }])
    const file = await readFile(join(home, 'tokens.json'), 'utf8')
    for (const secret of [code, made.token]) expect(file).not.toContain(secret)
  })

  it('signs one browser in, also when several come at once', async () => {
    const session = sessionOver()
    const { code } = session.code()
    const ends = await Promise.allSettled(Array.from({ length: 4 }, () => session.signIn(code)))
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    await expect(session.signIn(code)).rejects.toMatchObject(refused)
    expect(tokens.list()).toHaveLength(1)
  })

  it('that is old, or of another run, opens nothing', async () => {
    const session = sessionOver()
    const { code } = session.code()
    const { code: other } = session.code()
    await expect(sessionOver(await open()).signIn(other)).rejects.toMatchObject(refused)
    time += 60_000
    await expect(session.signIn(code)).rejects.toMatchObject(refused)
    expect(tokens.list()).toEqual([])
  })

  it('makes room for newer ones: sixteen are open at most', async () => {
    const session = sessionOver()
    const codes = Array.from({ length: 17 }, () => session.code().code)
    await expect(session.signIn(codes[0] ?? '')).rejects.toMatchObject(refused)
    for (const code of codes.slice(1)) await session.signIn(code)
    expect(tokens.list()).toHaveLength(16)
  })

  it('that is guessed is refused with a wait after five, and a right one never is', async () => {
    const session = sessionOver()
    const { code } = session.code()
    for (let count = 0; count < 5; count += 1) {
      await expect(session.signIn(`guess-${count}`)).rejects.toMatchObject({ code: 'unauthorized' })
      time += 1000
    }
    for (const wait of [55, 54]) {
      await expect(session.signIn('guess')).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterSeconds: wait } })
      time += 1000
    }
    await session.signIn(code)
    time += 54_000
    await expect(session.signIn('guess')).rejects.toMatchObject({ code: 'unauthorized' })
  })
})

describe('the token of a browser', () => {
  const signIn = (over: AppTokens = tokens) => over.createBrowser('firefox')

  it('lives for thirty days from its last use, also over a restart', async () => {
    const used = await signIn()
    const left = await signIn()
    const app = await tokens.create({ name: 'zed' })
    time += 29 * day
    expect(tokens.holderOf(used.token)).toBeDefined()
    time += day
    const gone: string[] = []
    tokens.onRevoke((name) => gone.push(name))
    expect([tokens.holderOf(left.token), tokens.holderOf(used.token)?.name, tokens.holderOf(app.token)?.name]).toEqual([
      undefined,
      used.name,
      'zed',
    ])
    expect(gone).toEqual([left.name])
    await tokens.close()
    time += 30 * day
    const later = await open()
    expect(later.list().map(({ name }) => name)).toEqual(['zed'])
    expect([later.holderOf(used.token), later.holderOf(left.token)]).toEqual([undefined, undefined])
  })

  it('makes room when there are too many: the one that was idle longest goes, and no app', async () => {
    const app = await tokens.create({ name: 'zed' })
    const first = await signIn()
    const second = await signIn()
    time += day
    tokens.holderOf(first.token)
    for (let count = 2; count < 32; count += 1) await signIn()
    expect(tokens.list()).toHaveLength(33)
    const newest = await signIn()
    expect(tokens.list()).toHaveLength(33)
    expect([app, first, second, newest].map(({ token }) => tokens.holderOf(token) !== undefined)).toEqual([true, true, false, true])
  })

  it('is signed out by itself alone', async () => {
    const [mine, other, app] = [await signIn(), await signIn(), await tokens.create({ name: 'zed', scope: 'control' })]
    for (const token of [app.token, 'the-token-of-the-home', '', `${mine.token}x`])
      await expect(tokens.signOut(token), token).rejects.toMatchObject({ code: 'conflict', retryable: false })
    await tokens.signOut(mine.token)
    await expect(tokens.signOut(mine.token)).rejects.toMatchObject({ code: 'conflict' })
    expect(tokens.list().map(({ name }) => name)).toEqual([other.name, 'zed'])
    expect((await open()).holderOf(mine.token)).toBeUndefined()
  })
})

describe('the label of a browser', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  it.each([
    [chrome, 'chrome'],
    [chrome.replace('Chrome', 'HeadlessChrome'), 'chrome'],
    [`${chrome} Edg/140.0.0.0`, 'edge'],
    [`${chrome} OPR/120.0.0.0`, 'opera'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15', 'safari'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)', 'webkit'],
    ['../../Evil Name\u001b[31m', 'other'],
    [undefined, 'other'],
  ])('of %s', (userAgent, label) => expect(browserLabel(userAgent)).toBe(label))
})
