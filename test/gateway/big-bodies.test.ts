/** Bodies that are big in any way: read in slices that others can work between, and never made into more objects than are wanted. */
import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../src/gateway/read-body.ts'
import { fakeOllama, fakeOpenAi } from '../../src/testing/index.ts'
import { goodBody } from './bad-bodies.ts'
import { gatewayScene, ollamaAt, openaiAt } from './scene.ts'

/** How often others had a turn meanwhile. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [turns, over] = [0, false]
  const turn = (): void => {
    turns += 1
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  await work.catch(() => undefined)
  over = true
  return turns
}

const mebibyte = 2 ** 20
const sliceBytes = 128 * 1024

/** `{"model":…,"messages":[…]}` of so many bytes, with this over and over. */
function bigBody(unit: string, bytes: number): Buffer {
  const [begin, end] = [Buffer.from('{"model":"default","messages":['), Buffer.from('{}],"stream":false}')]
  const count = Math.floor((bytes - begin.length - end.length) / unit.length)
  return Buffer.concat([begin, Buffer.alloc(count * unit.length, unit), end])
}

describe('58 MiB', () => {
  it.each([
    ['of small objects', '{"a":1},'],
    ['of empty lists', '[],'],
    ['of images by address', '{"url":"http://x","content":{"image_url":"x"}},'],
    ['of one text', undefined],
  ])('%s: others have a turn after every slice', async (_, unit) => {
    const bytes = unit === undefined ? bigBody(`"${'a'.repeat(57 * mebibyte)}",`, 58 * mebibyte) : bigBody(unit, 58 * mebibyte)
    const reading = bodyOf(bytes)
    const turns = await turnsDuring(reading)
    expect(turns).toBeGreaterThanOrEqual(Math.floor((56 * mebibyte) / sliceBytes))
    expect((await reading).member('model')).toBe('default')
  })

  it.each([
    ['white space', Buffer.concat([Buffer.from('{'), Buffer.alloc(58 * mebibyte, ' '), Buffer.from('}')]), 'white space at byte 1'],
    ['a name', Buffer.concat([Buffer.from('{"'), Buffer.alloc(58 * mebibyte, 'a'), Buffer.from('":1}')]), 'a name of more than'],
    ['a number', Buffer.concat([Buffer.from('{"a":'), Buffer.alloc(58 * mebibyte, '1'), Buffer.from('}')]), 'expected a value'],
  ])('of %s are refused', async (_, bytes, words) => {
    await expect(bodyOf(bytes)).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining(words) })
  })

  it('of small objects are not made into objects', async () => {
    const body = await bodyOf(bigBody('{},', 58 * mebibyte))
    await expect(body.value()).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining('250000 values') })
  })

  it('of text are made in slices too', async () => {
    const text = `{"role":"user","content":"${'a'.repeat(mebibyte)}"},`
    const body = await bodyOf(bigBody(text, 58 * mebibyte))
    const turns = await turnsDuring(body.value())
    expect(turns).toBeGreaterThanOrEqual(Math.floor((56 * mebibyte) / sliceBytes))
    expect((await body.value()).messages).toHaveLength(58)
  })
})

describe('through the gateway', () => {
  it('a big prompt is handed on byte by byte', async () => {
    await using engine = await fakeOpenAi({ models: [{ name: 'tiny', contextLength: 2 ** 30 }] })
    await using scene = await gatewayScene({ providers: openaiAt(engine.url), switchTo: 'other/tiny' })
    const messages = [{ role: 'user', content: '漢\u0000"\\ '.repeat(mebibyte) }]
    const answer = await scene.ask('/v1/chat/completions', { model: 'default', messages })
    // Compared here: a difference of megabytes would take minutes to show.
    expect([answer.status, engine.ledger.at(-1)?.text === JSON.stringify({ model: 'tiny', messages })]).toEqual([200, true])
    await answer.text()
  })

  it('what has too many values is refused where it would be translated', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'tiny:latest' }] })
    await using scene = await gatewayScene({ providers: ollamaAt(engine.url), switchTo: 'ollama/tiny:latest' })
    const before = engine.ledger.length
    const path = '/v1/chat/completions'
    const answer = await scene.ask(path, { ...goodBody(path, 'default'), metadata: Array(250_001).fill(1) })
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.objectContaining({ code: 'invalid_request' }) }])
    expect(engine.ledger.length).toBe(before)
  })
})
