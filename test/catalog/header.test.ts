/** The header of a model before its download: no more bytes than it needs, and what is none is told. */
import { describe, expect, it } from 'vitest'
import { encodeGguf, type GgufValue } from '../../src/testing/gguf/write-gguf.ts'
import { type CdnFault, damagedGguf, tinyGguf } from '../../src/testing/index.ts'
import { hubWith, signal } from './support.ts'

const tiny = { path: 'm-F32.gguf', content: tinyGguf({ name: 'A model', contextLength: 2048 }) }

/** As long as those of real models: a vocabulary of megabytes, the template behind it. */
function longHeader(): Uint8Array {
  const words = Array.from({ length: 200_000 }, (_, index) => `word number ${index}`)
  const metadata: Record<string, GgufValue> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'llama.block_count': { type: 'u32', value: 2 },
    'llama.embedding_length': { type: 'u32', value: 64 },
    'llama.attention.head_count': { type: 'u32', value: 4 },
    'tokenizer.ggml.tokens': { type: 'strings', value: words },
    'tokenizer.ggml.scores': { type: 'f32s', value: words.map((_, index) => index) },
    'tokenizer.chat_template': { type: 'string', value: 'the template' },
    'general.file_type': { type: 'u32', value: 15 },
  }
  return encodeGguf({ metadata, tensors: [{ name: 'a', shape: [1_000_000], data: new Float32Array(1_000_000) }] })
}

describe('the header', () => {
  it('is read where the Hub keeps the file, with one question to the Hub', async () => {
    await using on = await hubWith([tiny], { tokens: ['hf_secret'], client: { token: async () => 'hf_secret' } })
    expect(await on.hub.header(on.file(tiny.path), signal)).toMatchObject({
      name: 'A model',
      contextLength: 2048,
      role: 'model',
      quantization: 'F32',
    })
    expect(on.server.ledger).toHaveLength(1)
    expect(on.server.cdn.counts).toMatchObject({ requests: 1, leaks: 0 })
  })

  it('of megabytes is read in ranges that grow; its beginning in one', async () => {
    const content = longHeader()
    await using on = await hubWith([{ path: 'long.gguf', content }])
    const { counts } = on.server.cdn
    expect(await on.hub.header(on.file('long.gguf'), signal, { brief: true })).toEqual({
      architecture: 'llama',
      cache: { layers: 2, headsKv: 4, keyLength: 16, valueLength: 16 },
      role: 'model',
    })
    expect([counts.requests, counts.bytesServed]).toEqual([1, 2 ** 19])
    expect(await on.hub.header(on.file('long.gguf'), signal)).toMatchObject({
      template: 'the template',
      quantization: 'Q4_K_M',
      parameters: 1e6,
    })
    expect(counts.requests).toBeLessThanOrEqual(6)
    expect(counts.bytesServed).toBeLessThan(content.length)
  })

  it('is that of a mirror as well', async () => {
    await using on = await hubWith([tiny], { mirror: true })
    expect(await on.hub.header(on.file(tiny.path), signal)).toMatchObject({ name: 'A model' })
    expect(on.server.cdn.counts.requests).toBe(0)
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['is no GGUF', damagedGguf('random-bytes'), /GGUF/],
    ['is cut', damagedGguf('truncated'), /reach to/],
    ['is a page', Buffer.from('<!doctype html><title>Sign in</title>'), /GGUF/],
    ['is empty', new Uint8Array(0), /empty|ends/],
  ])('of a file that %s', async (_, content, why) => {
    await using on = await hubWith([{ path: 'bad.gguf', content }])
    await expect(on.hub.header(on.file('bad.gguf'), signal)).rejects.toMatchObject({
      code: 'not_a_model_file',
      message: expect.stringMatching(why),
    })
  })

  it('that promises to be endless is given up after 32 MiB', async () => {
    const start = Buffer.concat([
      Buffer.from('GGUF\x03\0\0\0', 'latin1'),
      u64(0),
      u64(1),
      u64(1),
      Buffer.from('k'),
      u32(9),
      u32(8),
      u64(2 ** 25),
    ])
    const content = Buffer.alloc(40 * 2 ** 20)
    start.copy(content)
    await using on = await hubWith([{ path: 'endless.gguf', content }])
    await expect(on.hub.header(on.file('endless.gguf'), signal)).rejects.toMatchObject({ code: 'not_a_model_file' })
    expect(on.server.cdn.counts.bytesServed).toBeLessThanOrEqual(33 * 2 ** 20)
  })

  it.each<[CdnFault, string]>([
    [{ kind: 'html' }, 'hub_protocol'],
    [{ kind: 'range-ignored' }, 'hub_protocol'],
    [{ kind: 'wrong-range' }, 'hub_protocol'],
    [{ kind: 'wrong-total' }, 'hub_protocol'],
    [{ kind: 'no-range' }, 'hub_protocol'],
    [{ kind: 'extra' }, 'hub_protocol'],
    [{ kind: 'gzip' }, 'hub_protocol'],
    [{ kind: 'range-pinned' }, 'hub_protocol'],
    [{ kind: 'unsatisfiable' }, 'not_a_model_file'],
    [{ kind: 'busy' }, 'rate_limited'],
    [{ kind: 'busy', status: 429, retryAfter: '7' }, 'rate_limited'],
    [{ kind: 'reset', after: 1000 }, 'hub_unreachable'],
    [{ kind: 'early-end', after: 1000 }, 'hub_unreachable'],
    [{ kind: 'long-header' }, 'hub_protocol'],
  ])('when %j happens to its bytes', async (fault, code) => {
    await using on = await hubWith([{ ...tiny, faults: [fault] }])
    const failed = await on.hub.header(on.file(tiny.path), signal).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code })
    if (fault.retryAfter) expect(failed).toMatchObject({ details: { retryAfterMs: 7000 } })
    if (fault.kind === 'no-range') expect(failed).toMatchObject({ message: /Content-Range is missing/, hint: /HF_ENDPOINT/ })
    expect(String(failed)).not.toMatch(/Signature|Policy/)
  })

  it('of a name that was public when it was looked at, and is not when it is connected to', async () => {
    let asked = 0
    /** The Hub is here when it is asked, and is a public one for whatever it leads to. */
    const addressesOf = async (host: string): Promise<string[]> => {
      asked += 1
      return host === 'localhost' && asked === 1 ? ['127.0.0.1'] : ['203.0.113.1']
    }
    await using on = await hubWith([tiny], { client: { addressesOf } })
    const { port } = new URL(on.server.cdn.url)
    on.server.faults.add({ fault: { kind: 'redirect', to: `http://cdn.localhost:${port}/x` } })
    await expect(on.hub.header(on.file(tiny.path), signal)).rejects.toMatchObject({
      code: 'hub_redirect',
      message: expect.stringContaining('now'),
    })
    expect(on.server.cdn.counts.requests).toBe(0)
  })

  it('leaving ends it', async () => {
    await using on = await hubWith([{ ...tiny, faults: [{ kind: 'never' }] }])
    const leave = new AbortController()
    const reading = on.hub.header(on.file(tiny.path), leave.signal)
    await on.server.waitFor(() => on.server.cdn.counts.links > 0)
    leave.abort()
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('files of a commit', () => {
  const shards = [1, 2, 3].map((one) => ({ path: `big/m-Q8_0-0000${one}-of-00003.gguf`, bytes: 1000 * one }))

  it('are told with sizes and hashes, exactly those that are wanted, in their order', async () => {
    await using on = await hubWith([...shards, tiny])
    const wanted = [shards[2], shards[0], shards[1]].map((one) => one?.path ?? '')
    const found = await on.hub.files('pub/m', on.file('').commit, wanted, signal)
    expect(found.map(({ path, bytes }) => [path, bytes])).toEqual([3000, 1000, 2000].map((bytes, index) => [wanted[index], bytes]))
    for (const one of found)
      expect([one.sha256, one.xetHash]).toEqual([expect.stringMatching(/^\w{64}$/), expect.stringMatching(/^\w{64}$/)])
    expect(on.server.ledger.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /api/models/pub/m/paths-info/${on.file('').commit}`,
    ])
  })

  it('a thousand of them take ten questions', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ path: `f${index}.gguf`, bytes: index + 1 }))
    await using on = await hubWith(many)
    const paths = many.map(({ path }) => path)
    expect((await on.hub.files('pub/m', on.file('').commit, paths, signal)).map(({ path }) => path)).toEqual(paths)
    expect(on.server.ledger).toHaveLength(10)
  })

  it.each([
    ['big/m-Q8_0-00004-of-00004.gguf', 'shard_missing'],
    ['other.gguf', 'repo_not_found'],
  ])('%s is missing', async (path, code) => {
    await using on = await hubWith([...shards, tiny])
    await expect(on.hub.files('pub/m', on.file('').commit, [tiny.path, path], signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(path),
      details: { missing: [path] },
    })
  })
})

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: number): Buffer => Buffer.concat([u32(value), u32(0)])
