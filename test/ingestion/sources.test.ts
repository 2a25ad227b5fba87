/** Where models come from: the catalogue, the disk, other engines, an engine's own download. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JobRequest } from '../../src/contract/index.ts'
import { smallVolume } from '../support/other-volume.ts'
import { got, repo, request, type Scene, scene, tiny } from './engines.ts'

const into = (...ids: string[]): Partial<JobRequest> => ({ into: ids, switch: false })

describe('a model from the disk', () => {
  it('is linked where possible, and its source stays as it was', async () => {
    await using here = await scene()
    const path = join(here.folders.root, 'my', 'tiny-Q4_0.gguf')
    await mkdir(join(here.folders.root, 'my'))
    await writeFile(path, tiny, { mode: 0o640 })
    const before = await stat(path)
    const wanted: JobRequest = { path, ...into('lmstudio', 'ollama') }
    const plan = await here.test.yard.jobs.preflight(wanted)
    expect(plan).toMatchObject({ kind: 'import', downloadBytes: 0, files: [{ from: 'link', already: path }] })
    const job = await got(here, wanted)
    expect(job).toMatchObject({ kind: 'import', state: 'succeeded', result: { verified: true } })
    const after = await stat(path)
    expect([after.size, after.mode, after.mtimeMs, after.ino, after.nlink]).toEqual([
      before.size,
      before.mode,
      before.mtimeMs,
      before.ino,
      3,
    ])
    expect(Buffer.compare(await readFile(path), tiny)).toBe(0)
  })

  it('in a folder', async () => {
    await using here = await scene()
    const folder = join(here.folders.root, 'lab2', 'My-GGUF')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'my.gguf'), tiny)
    const job = await got(here, { path: folder, ...into('lmstudio') })
    expect(job).toMatchObject({ state: 'succeeded' })
    expect(await stat(join(here.folders.studio, 'lab2/My-GGUF/my.gguf'))).toMatchObject({ nlink: 2 })
  })

  it('that is none ends before a byte, and says what it is', async () => {
    await using here = await scene()
    const path = join(here.folders.root, 'page.gguf')
    await writeFile(path, '<html>'.repeat(100))
    expect(await got(here, { path, ...into('ollama') })).toMatchObject({
      state: 'failed',
      stage: 'preflight',
      error: { code: 'not_a_model_file' },
    })
    expect(await got(here, { path: '/nowhere/x.gguf', ...into('ollama') })).toMatchObject({
      state: 'failed',
      error: { code: 'file_not_found' },
    })
  })
})

describe('a model that another engine holds', () => {
  it('is shared, an Ollama blob to LM Studio: the same file, no bytes', async () => {
    await using here = await scene()
    await got(here, request(into('ollama')))
    const served = here.hub.cdn.counts.bytesServed
    const job = await got(here, { ref: 'ollama/tiny:q4_0', ...into('lmstudio') })
    expect(job).toMatchObject({
      kind: 'share',
      state: 'succeeded',
      plan: { downloadBytes: 0, imports: [{ extraBytes: 0 }] },
      result: { verified: true },
    })
    expect(here.hub.cdn.counts.bytesServed).toBe(served)
    expect((await stat(join(here.test.home, 'library', repo, 'tiny-Q4_0.gguf'))).nlink).toBe(3)
  })

  it('and back: what LM Studio has goes into Ollama', async () => {
    await using here = await scene()
    await got(here, request(into('lmstudio')))
    const { models } = await here.test.yard.models.list({ provider: 'lmstudio', kind: 'all' })
    const job = await got(here, { ref: models[0]?.ref ?? '', ...into('ollama') })
    expect(job).toMatchObject({ state: 'succeeded', result: { verified: true } })
  })

  it('whose files cannot be reached is refused', async () => {
    await using here = await scene({ providers: { other: { kind: 'openai-compatible', enabled: true, baseUrl: 'http://127.0.0.1:1/v1' } } })
    await expect(here.test.yard.jobs.preflight({ ref: 'other/x', ...into('ollama') })).rejects.toMatchObject({
      code: 'provider_unreachable',
    })
  })
})

describe('what lies elsewhere goes into the embedded engine', () => {
  const embedded = { embedded: { kind: 'embedded', enabled: true, threads: 1, gpu: false } } as const

  it('a file, linked into the library, and answers on real llama.cpp', async () => {
    await using here = await scene({ providers: embedded })
    const path = join(here.folders.root, 'tiny-Q4_0.gguf')
    await writeFile(path, tiny)
    const job = await got(here, { path, ...into('embedded') })
    expect(job).toMatchObject({
      state: 'succeeded',
      plan: { imports: [{ strategy: 'library', extraBytes: 0 }] },
      result: { verified: true },
    })
    expect((await stat(path)).nlink).toBe(2)
  })

  it('a blob of Ollama', async () => {
    await using here = await scene({ providers: embedded, ollama: { models: [{ name: 'held' }] } })
    await got(here, request(into('ollama')))
    await rm(join(here.test.home, 'library', repo), { recursive: true })
    const job = await got(here, { ref: 'ollama/tiny:q4_0', ...into('embedded') })
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { refs: [{ ref: 'embedded/ollama/tiny-q4_0/tiny-q4_0', verified: true }] },
    })
  })
})

describe('an engine’s own download', () => {
  it('is a job of the same shape', async () => {
    await using here = await scene({ ollama: { pullable: [{ name: 'qwen3:8b' }] } })
    const job = await got(here, { name: 'qwen3:8b', from: 'ollama', switch: false })
    expect(job).toMatchObject({
      kind: 'engine-pull',
      state: 'succeeded',
      into: ['ollama'],
      plan: { imports: [{ provider: 'ollama', strategy: 'engine-pull' }] },
      result: { refs: [{ ref: 'ollama/qwen3:8b', verified: true }] },
    })
    const done = here.test.events.flatMap((event) => (event.type === 'job.progress' ? [event.bytesDone] : []))
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(job.bytesDone).toBe(job.bytesTotal)
  })

  const address = 'https://hub.example/lab/Tiny-GGUF'
  const file = 'lab/Tiny-GGUF/tiny-Q4_0.gguf'
  /** In one turn: a scan between the file and its mark would list it as a sound one. */
  const putBroken = ({ folders, studio }: Scene): void => {
    mkdirSync(join(folders.studio, 'lab/Tiny-GGUF'), { recursive: true })
    writeFileSync(join(folders.studio, file), tiny)
    studio.shelf.models.push({ name: 'tiny', sizeBytes: tiny.length, broken: true })
  }

  it('by an address that cannot be loaded then is taken back under the name that the engine gave it', async () => {
    const downloads = [{ status: 'downloading', downloaded_bytes: 1, total_size_bytes: tiny.length }]
    await using here = await scene({ studio: { downloads } })
    const running = await here.test.yard.jobs.start({ name: address, from: 'lmstudio', switch: false })
    await here.studio.waitFor(() => here.studio.ledger.some(({ path }) => path.includes('/download/status/')))
    putBroken(here)
    downloads.push({ status: 'completed', downloaded_bytes: tiny.length, total_size_bytes: tiny.length })
    expect(await running.ended()).toMatchObject({ state: 'failed', error: { code: 'load_failed' } })
    expect(await stat(join(here.folders.studio, file)).catch(() => 'gone')).toBe('gone')
  })

  it('of what the engine had already is never taken back, by whatever name', async () => {
    await using here = await scene({ studio: { downloads: [{ status: 'already_downloaded' }] } })
    putBroken(here)
    const job = await got(here, { name: address, from: 'lmstudio', switch: false })
    expect(job).toMatchObject({ state: 'failed', error: { code: 'load_failed' } })
    expect((await stat(join(here.folders.studio, file))).size).toBe(tiny.length)
  })

  it('of a name that is not there fails in its words', async () => {
    await using here = await scene()
    expect(await got(here, { name: 'nothing:1b', from: 'ollama', switch: false })).toMatchObject({
      state: 'failed',
      error: { code: 'import_failed' },
    })
  })

  it('where the engine has none is refused', async () => {
    await using here = await scene({ providers: { other: { kind: 'openai-compatible', enabled: true, baseUrl: 'http://127.0.0.1:1/v1' } } })
    await expect(here.test.yard.jobs.preflight({ name: 'x', from: 'other' })).rejects.toMatchObject({ code: 'unsupported_operation' })
    await expect(here.test.yard.jobs.preflight({ name: 'x', from: 'nobody' })).rejects.toMatchObject({ code: 'provider_not_found' })
  })
})

describe('a name of the catalogue', () => {
  it('leads to its repository and the quantization that fits, and says which and why', async () => {
    await using here = await scene({
      hub: { repositories: [{ repo: 'bartowski/Qwen_Qwen3-0.6B-GGUF', files: [{ path: 'Qwen_Qwen3-0.6B-Q4_K_M.gguf', content: tiny }] }] },
    })
    const plan = await here.test.yard.jobs.preflight({ catalog: 'qwen3:0.6b', ...into('ollama') })
    expect(plan).toMatchObject({
      repo: 'bartowski/Qwen_Qwen3-0.6B-GGUF',
      quantization: 'Q4_K_M',
      choice: expect.stringContaining('Q4_K_M'),
    })
  })

  it('that it does not have is refused', async () => {
    await using here = await scene()
    await expect(here.test.yard.jobs.preflight({ catalog: 'qwen-none' })).rejects.toMatchObject({ code: 'repo_not_found' })
  })
})

describe('what is here already', () => {
  it('in the library under a name of a person, which the index does not know: found by its size and proven by its hash', async () => {
    await using here = await scene()
    const own = join(here.test.home, 'library/mine/own-name.gguf')
    await mkdir(join(own, '..'), { recursive: true })
    await writeFile(own, tiny)
    const plan = await here.test.yard.jobs.preflight(request(into('ollama')))
    expect(plan).toMatchObject({ downloadBytes: 0, files: [{ from: 'library', already: own }] })
    // A header, for what fits.
    const served = here.hub.cdn.counts.bytesServed
    expect(await got(here, request(into('ollama')))).toMatchObject({ state: 'succeeded', result: { verified: true } })
    expect(here.hub.cdn.counts.bytesServed).toBe(served)
  })

  it('in the cache of the Hub’s other tools is hashed, and linked', async () => {
    await using here = await scene()
    const { sha256 } = (await here.test.yard.jobs.preflight(request(into('ollama')))).files[0] ?? {}
    const blobs = join(here.folders.root, 'cache', 'models--lab--Tiny-GGUF', 'blobs')
    await mkdir(blobs, { recursive: true })
    await writeFile(join(blobs, sha256 ?? ''), tiny)
    const again = await here.restart({ HF_HUB_CACHE: join(here.folders.root, 'cache') })
    expect(await again.yard.jobs.preflight(request(into('ollama')))).toMatchObject({ downloadBytes: 0, files: [{ from: 'link' }] })
    const served = here.hub.cdn.counts.bytesServed
    expect(await got(here, request(into('ollama')))).toMatchObject({ state: 'succeeded' })
    expect(here.hub.cdn.counts.bytesServed).toBe(served)
  })

  it('under the right name with the wrong bytes is not believed, but fetched', async () => {
    await using here = await scene()
    const { sha256 } = (await here.test.yard.jobs.preflight(request(into('ollama')))).files[0] ?? {}
    const blobs = join(here.folders.root, 'cache', 'models--lab--Tiny-GGUF', 'blobs')
    await mkdir(blobs, { recursive: true })
    await writeFile(join(blobs, sha256 ?? ''), Buffer.concat([tiny.subarray(0, -1), Buffer.from([1])]))
    await here.restart({ HF_HUB_CACHE: join(here.folders.root, 'cache') })
    expect(await got(here, request(into('ollama')))).toMatchObject({ state: 'succeeded' })
    expect(Buffer.compare(await readFile(join(here.test.home, 'library', repo, 'tiny-Q4_0.gguf')), tiny)).toBe(0)
  })

  it('on another volume is taken from there, and no second copy is made of it unasked', async () => {
    const volume = await smallVolume(64 * 2 ** 20)
    if (!volume) return
    await using _ = volume
    await using here = await scene()
    const { sha256 } = (await here.test.yard.jobs.preflight(request(into('ollama')))).files[0] ?? {}
    const blobs = join(volume.folder, 'models--lab--Tiny-GGUF', 'blobs')
    await mkdir(blobs, { recursive: true })
    await writeFile(join(blobs, sha256 ?? ''), tiny)
    await here.restart({ HF_HUB_CACHE: volume.folder })
    expect(await here.test.yard.jobs.preflight(request(into('ollama')))).toMatchObject({
      downloadBytes: 0,
      files: [{ from: 'copy' }],
      imports: [{ strategy: 'registry-copy', extraBytes: tiny.length }],
    })
    expect(await got(here, request(into('ollama')))).toMatchObject({ state: 'succeeded' })
    expect(await stat(join(here.test.home, 'library', repo)).catch(() => undefined)).toBeUndefined()
  })
})
