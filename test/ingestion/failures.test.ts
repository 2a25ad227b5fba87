/** What ends a job, what it leaves behind, and what it takes back. */
import { existsSync } from 'node:fs'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { got, repo, request, scene, tiny } from './engines.ts'

const into = (...ids: string[]) => request({ into: ids, switch: false })
const fileOf = (home: string): string => join(home, 'library', repo, 'tiny-Q4_0.gguf')

describe('what the preflight finds ends the job before a byte', () => {
  it.each([
    [
      'a gated repository, with the page to open',
      { hub: { repositories: [{ repo, gated: 'manual' as const, files: [{ path: 'tiny-Q4_0.gguf', content: tiny }] }] } },
      into('ollama'),
      'gated',
    ],
    ['one that is not there', {}, { ...into('ollama'), repo: 'lab/nothing' }, 'repo_not_found'],
    [
      'a page for a file',
      { files: [{ path: 'tiny-Q4_0.gguf', content: Buffer.from('<html>'.repeat(1000)) }] },
      into('ollama'),
      'not_a_model_file',
    ],
    [
      'a file shorter than its tensors',
      { files: [{ path: 'tiny-Q4_0.gguf', content: tiny.subarray(0, tiny.length - 5000) }] },
      into('ollama'),
      'not_a_model_file',
    ],
    ['a shard without its set', { files: [{ path: 'tiny-Q4_0-00001-of-00002.gguf', content: tiny }] }, into('ollama'), 'shard_missing'],
    ['an engine that is none', {}, into('nobody'), 'provider_not_found'],
    ['a slot that is none', {}, { ...into('ollama'), switch: 'nothing' }, 'slot_not_found'],
  ])('%s', async (_, options, wanted, code) => {
    await using here = await scene(options)
    await expect(here.test.yard.jobs.preflight(wanted)).rejects.toMatchObject({ code })
    const job = await got(here, wanted)
    expect(job).toMatchObject({ state: 'failed', error: { code } })
    expect(existsSync(fileOf(here.test.home))).toBe(false)
    expect(await readdir(join(here.test.home, 'library/.modelyard/partials'))).toEqual([])
    if (code === 'gated') expect(job.error?.message + (job.error?.hint ?? '')).toContain(`/${repo}`)
  })

  it('an engine that does not run', async () => {
    await using here = await scene()
    await here.ollama.close()
    await expect(here.test.yard.jobs.preflight(into('ollama'))).rejects.toMatchObject({ code: expect.stringMatching(/^provider_/) })
  })

  it('a volume that is too small', async () => {
    await using here = await scene({ files: [{ path: 'tiny-Q4_0.gguf', bytes: 1e15, sha256: 'a'.repeat(64) }] })
    const job = await got(here, into('ollama'))
    expect(job.state).toBe('failed')
    expect(['disk_full', 'not_a_model_file']).toContain(job.error?.code)
  })
})

describe('a wrong file', () => {
  it('whose hash is another than the Hub promised ends with both digests, and never lies under its name', async () => {
    await using here = await scene({ files: [{ path: 'tiny-Q4_0.gguf', content: tiny, sha256: 'b'.repeat(64) }] })
    const job = await got(here, into('ollama'))
    expect(job).toMatchObject({
      state: 'failed',
      stage: 'download',
      error: { code: 'hash_mismatch', details: { expected: 'b'.repeat(64) } },
    })
    expect(existsSync(fileOf(here.test.home))).toBe(false)
  })
})

describe('a model that its engine lists and cannot load', () => {
  it('is taken back with the engine’s own reason, and its download stays', async () => {
    await using here = await scene()
    here.ollama.faults.add({
      path: '/api/generate',
      fault: { kind: 'status', status: 500, body: { error: 'llama runner process has terminated' } },
    })
    const job = await got(here, into('ollama'))
    expect(job).toMatchObject({ state: 'failed', stage: 'verify', error: { code: 'load_failed' } })
    expect(job.error?.message).toContain('llama runner process has terminated')
    expect(here.ollama.shelf.models).toEqual([])
    expect(existsSync(fileOf(here.test.home))).toBe(true)
  })

  it('for want of memory is not taken back: that says nothing against it', async () => {
    await using here = await scene()
    const body = { error: 'model requires more system memory (9.9 GiB) than is available (1.0 GiB)' }
    here.ollama.faults.add({ path: '/api/generate', fault: { kind: 'status', status: 500, body } })
    const job = await got(here, into('ollama'))
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { verified: false, refs: [{ verified: false, reason: expect.stringContaining('memory') }] },
    })
    expect(here.ollama.shelf.models).toHaveLength(1)
  })
})

describe('a model that serves', () => {
  it('is not risked: where both do not fit, the job says so and the first switch verifies', async () => {
    await using here = await scene({
      storeless: true,
      ollama: { models: [{ name: 'old:latest' }], pullable: [{ name: 'huge:1t', sizeBytes: 1e12 }] },
    })
    await here.test.yard.detect()
    await here.test.yard.slot('default').switch('ollama/old')
    const job = await got(here, { name: 'huge:1t', from: 'ollama', switch: false })
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { verified: false, refs: [{ reason: expect.stringContaining('first switch') }] },
    })
    expect([...here.ollama.shelf.loaded.keys()]).toEqual(['old:latest'])
  })

  it('and is put out of memory by its engine all the same, which tells no limit, is there again', async () => {
    await using here = await scene({ ollama: { maxLoaded: 1, models: [{ name: 'old:latest' }] } })
    await here.test.yard.detect()
    expect(await here.test.yard.slot('default').switch('ollama/old')).toMatchObject({ outcome: 'switched' })
    const job = await got(here, into('ollama'))
    expect(job).toMatchObject({ state: 'succeeded', result: { refs: [{ ref: 'ollama/tiny:q4_0' }] } })
    expect([...here.ollama.shelf.loaded.keys()]).toContain('old:latest')
  })
})

describe('a model that cannot chat', () => {
  it('is there, not verified, and no empty slot is given to it', async () => {
    await using here = await scene({ storeless: true, ollama: { pullable: [{ name: 'embed:1b', kind: 'embedding' }] } })
    const job = await got(here, { name: 'embed:1b', from: 'ollama' })
    expect(job).toMatchObject({
      state: 'succeeded',
      plan: { switch: 'default' },
      result: { refs: [{ verified: false, reason: expect.stringContaining('embedding') }] },
    })
    expect(job.result?.switch).toBeUndefined()
    expect(here.test.yard.slot('default').get().state).toBe('empty')
  })
})

describe('one engine of several that fails', () => {
  it('makes the job failed, and what succeeded is named', async () => {
    await using here = await scene()
    here.ollama.faults.add({ path: '/api/pull', fault: { kind: 'status', status: 500, body: { error: 'no room' } } })
    const job = await got(here, into('ollama', 'lmstudio'))
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'import_failed' },
      result: { refs: [{ verified: true }], verified: false },
    })
    expect(job.error?.message).toContain('no room')
    expect(job.result?.refs[0]?.ref).toMatch(/^lmstudio\//)
    expect(await readdir(join(here.folders.ollama, 'blobs')).catch(() => [])).toEqual([])
  })
})

describe('a switch at the end that fails', () => {
  it('does not fail the job; both results are told', async () => {
    await using here = await scene()
    await writeFile(join(here.test.home, '.env'), 'MODELYARD_MODEL="unclosed\n')
    const job = await got(here, request({ into: ['ollama'], switch: 'default' }))
    expect(job).toMatchObject({ state: 'succeeded', result: { verified: true, switch: { outcome: 'switched', persisted: false } } })
    await chmod(join(here.test.home, '.env'), 0o600)
  })
})
