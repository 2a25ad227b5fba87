/** What is waited for and how long, what is tried again and how often. */
import { expect, it } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'
import { type Answer, checkAnswer } from '../../src/downloads/check-answer.ts'
import { usualLimits } from '../../src/downloads/downloads.ts'
import { ComeAgain, createFailures, type Failures, InBetween, LinkRefused, meaningOf, Silent, Woken } from '../../src/downloads/failures.ts'

const withCode = (code: string): Error => Object.assign(new Error(code), { code })
const expected = { span: { start: 0, end: 5 }, total: 10, pin: undefined }
const answer = (status: number, headers: Record<string, string> = {}): Answer => ({ status, headers: new Map(Object.entries(headers)) })

function subject(): { failures: Failures; slept: number[]; told: unknown[]; fail: (error: unknown, round?: number) => Promise<void> } {
  const slept: number[] = []
  const told: unknown[] = []
  const failures = createFailures({
    limits: usualLimits,
    signal: new AbortController().signal,
    begun: () => true,
    sleep: async (ms) => void slept.push(ms),
  })
  return { failures, slept, told, fail: (error, round = failures.round) => failures.after(error, round, (why) => void told.push(why)) }
}

it.each<[string, Record<string, string>, number | undefined]>([
  ['seconds', { 'retry-after': '3' }, 3000],
  ['a date, by the clock of the server', { 'retry-after': 'Wed, 21 Oct 2015 07:28:10 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }, 10_000],
  ['a date that is over', { 'retry-after': 'Wed, 21 Oct 2015 07:28:10 GMT' }, 0],
  ['the limit of the Hub', { ratelimit: '"resolvers";r=0;t=289' }, 290_000],
  ['a limit that is not reached', { ratelimit: '"resolvers";r=12;t=289' }, undefined],
  ['what is no time', { 'retry-after': 'soon' }, undefined],
  ['nothing', {}, undefined],
])('429 with %s', async (_, headers, ms) => {
  for (const status of [429, 503]) expect(checkAnswer(answer(status, headers), expected)).toEqual({ kind: 'wait', ms })
  const { fail, slept, told } = subject()
  await fail(new ComeAgain(ms))
  if (ms !== undefined) expect(slept).toEqual([ms])
  expect([slept.length, told]).toEqual([1, ['rate-limit', undefined]])
})

it.each<[string, Answer, string]>([
  ['a sign-in page', answer(302, { location: 'http://portal.invalid/' }), 'page'],
  ['HTML', answer(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': '10' }), 'page'],
  ['a refused address', answer(403), 'renew'],
  ['nothing there', answer(404), 'gone'],
  ['less than asked for', answer(206, { 'content-length': '0', 'content-range': 'bytes 0-4/10' }), 'retry'],
  ['another total', answer(206, { 'content-length': '5', 'content-range': 'bytes 0-4/11' }), 'retry'],
  ['another place', answer(206, { 'content-length': '5', 'content-range': 'bytes 1-5/10' }), 'retry'],
  ['no place', answer(206, { 'content-length': '5' }), 'retry'],
  ['no length', answer(206, { 'content-range': 'bytes 0-4/10' }), 'retry'],
  ['a length that is no number', answer(206, { 'content-length': '5, 5', 'content-range': 'bytes 0-4/10' }), 'retry'],
  ['an encoded body', answer(206, { 'content-encoding': 'gzip', 'content-length': '5', 'content-range': 'bytes 0-4/10' }), 'retry'],
  ['a body without end', answer(206, { 'transfer-encoding': 'chunked', 'content-range': 'bytes 0-4/10' }), 'retry'],
  ['another size', answer(200, { 'content-length': '11' }), 'retry'],
  ['the whole', answer(200, { 'content-length': '10' }), 'whole'],
  ['a place behind the end', answer(416, { 'content-range': 'bytes */4' }), 'retry'],
  ['what was asked for', answer(206, { 'content-length': '5', 'content-range': 'bytes 0-4/10' }), 'range'],
])('%s', (_, came, kind) => {
  expect(checkAnswer(came, expected).kind).toBe(kind)
})

it('what a server says is shown short and without what a terminal would obey', () => {
  const range = `\x1b[2J${'x'.repeat(60_000)}`
  const verdict = checkAnswer(answer(206, { 'content-length': '5', 'content-range': range }), expected)
  expect(verdict).toEqual({ kind: 'retry', why: `it sent "?[2J${'x'.repeat(76)}", expected "bytes 0-4/10"` })
})

it('another object is known at its first answer', () => {
  const headers = { 'content-length': '5', 'content-range': 'bytes 0-4/10', etag: '"other"' }
  expect(checkAnswer(answer(206, headers), { ...expected, pin: '0123456789abcdef' })).toEqual({ kind: 'changed' })
})

it.each<[unknown, boolean, string]>([
  [withCode('ENOSPC'), true, 'disk'],
  [withCode('EDQUOT'), true, 'disk'],
  [withCode('EIO'), true, 'disk'],
  [withCode('ENOTFOUND'), true, 'network'],
  [withCode('ECONNREFUSED'), false, 'network'],
  [withCode('SELF_SIGNED_CERT_IN_CHAIN'), true, 'network'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), true, 'network'],
  [new AggregateError([withCode('ENETUNREACH')]), true, 'network'],
  [new Silent('body'), true, 'network'],
  [new InBetween('a page'), true, 'network'],
  [new InBetween('the proxy asks for a password', 'sign-in'), true, 'sign-in'],
  [new ModelyardError('hub_unreachable'), false, 'network'],
  [new ModelyardError('hub_protocol'), true, 'network'],
  [new ModelyardError('hub_protocol'), false, 'try'],
  [new ModelyardError('gated'), true, 'sign-in'],
  [new ModelyardError('gated'), false, 'end'],
  [new ModelyardError('repo_not_found'), true, 'sign-in'],
  [new ModelyardError('repo_not_found'), false, 'end'],
  [new ModelyardError('rate_limited', undefined, { details: { retryAfterMs: 7 } }), false, 'rate-limit'],
  [withCode('ECONNRESET'), true, 'try'],
  [withCode('EMFILE'), true, 'try'],
  [new Woken(), true, 'again'],
  [new LinkRefused(true), true, 'renewed'],
  [new LinkRefused(false), true, 'again'],
])('%s, begun: %s → %s', (error, begun, meaning) => {
  const { kind, ...rest } = meaningOf(error, begun)
  expect(kind === 'wait' && 'why' in rest ? rest.why : kind).toBe(meaning)
})

it('ends after six tries without progress; waits do not count, many lanes that fail at once are one try', async () => {
  const { fail, failures } = subject()
  for (let tries = 0; tries < 5; tries += 1) {
    const { round } = failures
    for (let lane = 0; lane < 8; lane += 1) await fail(withCode('ECONNRESET'), round)
    for (let waits = 0; waits < 20; waits += 1) await fail(withCode('ENOTFOUND'))
  }
  await expect(fail(withCode('ECONNRESET'))).rejects.toMatchObject({ code: 'hub_protocol' })
})

it('never ends as long as bytes come between', async () => {
  const { fail, failures } = subject()
  for (let tries = 0; tries < 1000; tries += 1) {
    failures.progressed(30_000)
    await fail(withCode('ECONNRESET'))
  }
})

it('an address that is refused is renewed three times at once', async () => {
  const { fail, slept } = subject()
  for (let times = 0; times < 3; times += 1) await fail(new LinkRefused(true))
  expect(slept).toEqual([])
  await expect(fail(new LinkRefused(true))).rejects.toMatchObject({ code: 'hub_protocol' })
})

it('nobody asks before the time that one was told', async () => {
  let pass = (): void => {}
  const failures = createFailures({
    limits: usualLimits,
    signal: new AbortController().signal,
    begun: () => true,
    sleep: () => new Promise((resolve) => (pass = resolve)),
  })
  const said: string[] = []
  const told = failures.after(new ComeAgain(3000), failures.round, () => undefined).then(() => said.push('told'))
  const other = failures.ready().then(() => said.push('other'))
  await Promise.resolve()
  said.push('over')
  pass()
  await Promise.all([told, other])
  expect(said[0]).toBe('over')
  await failures.ready()
})
