/** The library folder: what a person drops there is listed, and nothing else; headers of anybody are read with limits. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGgufMetadata } from '../../../src/platform/gguf-file.ts'
import { idleMs } from '../../../src/providers/embedded/idle-time.ts'
import { planLoad } from '../../../src/providers/embedded/load-plan.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { encodeGguf, type GgufValue } from '../../../src/testing/gguf/write-gguf.ts'
import { embedded, soon } from './support.ts'

const names = async (subject: Awaited<ReturnType<typeof embedded>>): Promise<string[]> =>
  (await subject.provider.list(soon())).map((one) => one.name)

describe('the library', () => {
  it('lists what is dropped into it, at any usual depth, with what the header says', async () => {
    await using subject = await embedded({
      'lab/repo/a-Q4_K_M.gguf': tinyGguf({ name: 'A model', contextLength: 1024 }),
      'loose.gguf': tinyGguf(),
      'lab/repo/embed.gguf': tinyGguf({ embedding: true }),
    })
    expect(await names(subject)).toEqual(['lab/repo/a-Q4_K_M', 'lab/repo/embed', 'loose'])
    await subject.put('later.gguf', tinyGguf({ seed: 2 }))
    expect(await names(subject)).toContain('later')
    const [first, second] = await subject.provider.list(soon())
    expect(first).toMatchObject({
      kind: 'chat',
      displayName: 'A model',
      contextLength: 1024,
      quantization: 'F32',
      family: 'llama',
      format: 'gguf',
    })
    expect(second).toMatchObject({ kind: 'embedding' })
    await expect(subject.provider.show('nosuch', soon())).rejects.toMatchObject({ code: 'model_not_found' })
  })

  it('takes shards as one, leaves out projectors, hidden files and sets with a gap', async () => {
    await using subject = await embedded({
      'big-00001-of-00002.gguf': tinyGguf(),
      'big-00002-of-00002.gguf': new Uint8Array(1000),
      'gap-00001-of-00003.gguf': tinyGguf(),
      'gap-00003-of-00003.gguf': tinyGguf(),
      'mmproj-x.gguf': tinyGguf(),
      '.hidden.gguf': tinyGguf(),
      'notes.txt': new Uint8Array(3),
    })
    expect(await names(subject)).toEqual(['big'])
    expect((await subject.provider.list(soon()))[0]?.sizeBytes).toBe(tinyGguf().byteLength + 1000)
  })

  it('never leaves the folder through a link', async () => {
    await using outside = await embedded({ 'secret.gguf': tinyGguf() })
    await using subject = await embedded({ 'real/inside.gguf': tinyGguf() })
    await symlink(join(outside.library, 'secret.gguf'), join(subject.library, 'linked.gguf'))
    await symlink(outside.library, join(subject.library, 'folder'))
    await symlink(join(subject.library, 'real', 'inside.gguf'), join(subject.library, 'again.gguf'))
    await mkdir(join(subject.library, 'dir.gguf'))
    expect(await names(subject)).toEqual(['again', 'real/inside'])
  })
})

describe('headers', () => {
  const read = async (bytes: Uint8Array) => {
    await using subject = await embedded()
    return readGgufMetadata(await subject.put('x.gguf', bytes))
  }

  it('are read', async () => {
    const metadata = await read(tinyGguf())
    expect(metadata?.get('general.architecture')).toBe('llama')
    expect(metadata?.get('tokenizer.ggml.tokens')).toEqual({ count: 320 })
  })

  it('with a key that is a trap are only words', async () => {
    const trap = JSON.parse('{"__proto__":{"type":"string","value":"a"},"constructor":{"type":"string","value":"b"}}') as Record<
      string,
      GgufValue
    >
    const metadata = await read(encodeGguf({ metadata: trap, tensors: [] }))
    expect(metadata?.get('constructor')).toBe('b')
    expect(metadata?.get('__proto__')).toBe('a')
    expect(({} as Record<string, unknown>).type).toBeUndefined()
  })

  it('cut anywhere, or with any bytes changed, never throw and never take much', async () => {
    await using subject = await embedded()
    const whole = tinyGguf()
    const path = join(subject.library, 'x.gguf')
    await fc.assert(
      fc.asyncProperty(fc.nat(12_000), fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 8 }), async (cut, changes) => {
        const bytes = whole.slice(0, cut)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        await writeFile(path, bytes)
        await readGgufMetadata(path)
      }),
      { numRuns: 300, seed: 3 },
    )
  })

  it.each([
    ['counts', 8],
    ['keys', 16],
  ])('that promise endless %s are refused', async (_, at) => {
    const bytes = tinyGguf()
    new DataView(bytes.buffer).setBigUint64(at, 2n ** 60n, true)
    expect(await read(bytes)).toBeUndefined()
  })
})

describe('how a model is loaded', () => {
  const details = {
    name: 'm',
    kind: 'chat' as const,
    capabilities: [],
    sizeBytes: 4e9,
    contextLength: 131_072,
    architecture: { layers: 32, headsKv: 8, keyLength: 128, valueLength: 128 },
  }

  it('with a usual context, less where memory is short, more only when it is asked for', () => {
    expect(planLoad({ details, options: {}, freeBytes: 64e9 }).contextLength).toBe(8192)
    expect(planLoad({ details, options: {}, freeBytes: 4.5e9 }).contextLength).toBeLessThan(2048)
    expect(planLoad({ details, options: { contextLength: 32_768 }, freeBytes: 64e9 }).contextLength).toBe(32_768)
    expect(planLoad({ details: { ...details, contextLength: 512 }, options: {}, freeBytes: 64e9 }).contextLength).toBe(512)
  })

  it('with one thread for tiny models, and one answer at a time where contexts are dear', () => {
    expect(planLoad({ details: { ...details, sizeBytes: 5e5 }, options: {}, freeBytes: 8e9 }).threads).toBe(1)
    expect(planLoad({ details, options: { contextLength: 32_768 }, freeBytes: 8e9 }).sequences).toBe(1)
    expect(planLoad({ details, options: { contextLength: 512 }, freeBytes: 64e9 }).sequences).toBe(4)
  })

  it.each([
    [undefined, 1_800_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    [60, 60_000],
    [-1, undefined],
    ['-1m', undefined],
    ['0', 0],
  ])('and stays when idle: %s', (keepAlive, expected) => expect(idleMs(keepAlive)).toBe(expected))
})

describe('the main process', () => {
  it('never imports the engine’s package: only the child does', () => {
    const folder = new URL('../../../src/', import.meta.url).pathname
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.ts'))
    const importing = files.filter((name) =>
      /from ['"]node-llama-cpp|import\(['"]node-llama-cpp/.test(readFileSync(join(folder, name), 'utf8')),
    )
    const loading = files.filter((name) => /await import\(entry\)/.test(readFileSync(join(folder, name), 'utf8')))
    expect(importing).toEqual([])
    expect(loading).toEqual(['providers/embedded/child.ts'])
  })
})
