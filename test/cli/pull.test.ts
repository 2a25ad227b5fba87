/** Getting a model from the command line with nothing played: a stand-in Hub, engines with folders, real jobs. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Job, JobPlan } from '../../src/contract/index.ts'
import { fakeHub, fakeLmStudio, fakeOllama, tinyGguf } from '../../src/testing/index.ts'
import { cli, start, temporaryFolder } from './cli-process.ts'

const repo = 'lab/Tiny-GGUF'
const tiny = tinyGguf({ name: 'Tiny' })
const long = Buffer.concat([tiny, Buffer.alloc(6 * 2 ** 20)])

async function machine(content = tiny) {
  const home = temporaryFolder()
  const folders = { ollama: join(home, 'ollama'), studio: join(home, 'studio') }
  for (const folder of Object.values(folders)) mkdirSync(folder)
  const hub = await fakeHub({ repositories: [{ repo, files: [{ path: 'tiny-Q4_0.gguf', content }], licence: 'mit' }] })
  const ollama = await fakeOllama({ store: folders.ollama })
  const studio = await fakeLmStudio({ modelsDir: folders.studio })
  const providers = {
    ollama: { kind: 'ollama', baseUrl: ollama.url, modelsDir: folders.ollama },
    lmstudio: { kind: 'lmstudio', baseUrl: studio.url, modelsDir: folders.studio },
    llamacpp: { enabled: false },
    embedded: { enabled: false },
  }
  writeFileSync(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers, hub: { endpoint: hub.url } }))
  return {
    home,
    hub,
    file: join(home, 'library', repo, 'tiny-Q4_0.gguf'),
    async [Symbol.asyncDispose]() {
      await cli(home, ['stop'])
      await Promise.all([hub.close(), ollama.close(), studio.close()])
    },
  }
}

describe('a model, from the command line', () => {
  it('is planned, got, verified and used in this process', async () => {
    await using here = await machine()
    const plan = await cli(here.home, ['pull', repo, '--into', 'ollama', '--dry-run', '--json'])
    expect([plan.code, JSON.parse(plan.out) as JobPlan]).toMatchObject([0, { repo, quantization: 'Q4_0', downloadBytes: tiny.length }])
    const pull = await cli(here.home, ['pull', `${repo}:Q4_0`, '--into', 'ollama', '--foreground'])
    expect(pull).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ollama\/tiny:q4_0 · verified: it answered\ndefault serves ollama\/tiny:q4_0 · verified/),
    })
    expect(pull.err).toMatch(
      /get +lab\/Tiny-GGUF Q4_0\n[\s\S]*into +ollama by its own pull, without a second copy, as tiny:q4_0, no further space/,
    )
    expect(statSync(here.file).nlink).toBe(2)
  })

  it('is got by a service that was started for it, and shared with another engine', async () => {
    await using here = await machine()
    const pull = await cli(here.home, ['pull', repo, '--into', 'ollama', '--no-use', '--json'])
    expect([pull.code, pull.err]).toEqual([0, expect.stringContaining('started one in the background')])
    const events = pull.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; job?: Job })
    expect(events.at(-1)).toMatchObject({ type: 'job.finished', job: { result: { refs: [{ ref: 'ollama/tiny:q4_0', verified: true }] } } })
    const share = await cli(here.home, ['share', 'ollama/tiny:q4_0', '--into', 'lmstudio'])
    expect(share).toMatchObject({ code: 0, out: expect.stringMatching(/^lmstudio\/.* · verified/) })
    expect(statSync(here.file).nlink).toBe(3)
    const jobs = await cli(here.home, ['jobs'])
    expect(jobs.out.split('\n').filter((line) => / succeeded /.test(line))).toHaveLength(2)
  })

  it('is stopped by Ctrl-C in this process, kept, and goes on in a service', async () => {
    await using here = await machine(long)
    const pull = start(here.home, ['pull', repo, '--into', 'ollama', '--no-use', '--foreground', '--limit', '2M'])
    await pull.said(/downloading/, 'err')
    pull.child.kill('SIGINT')
    expect(await pull.ended).toMatchObject({ code: 130, out: '', err: expect.stringContaining('Stopped, and kept.') })
    const kept = JSON.parse((await cli(here.home, ['jobs', '--json'])).out) as { jobs: Job[] }
    expect(kept.jobs).toHaveLength(1)
    const watch = await cli(here.home, ['jobs', 'watch'])
    expect(watch).toMatchObject({ code: 0, out: 'ollama/tiny:q4_0 · verified: it answered\n' })
    expect(statSync(here.file).size).toBe(long.length)
  })

  it('on which nobody works is shown without the speed that it had', async () => {
    await using here = await machine(long)
    const pull = start(here.home, ['pull', repo, '--into', 'ollama', '--no-use', '--foreground', '--limit', '1M', '--json'])
    await pull.said(/"bytesPerSecond":/)
    pull.child.kill('SIGINT')
    expect((await pull.ended).code).toBe(130)
    const jobs = await cli(here.home, ['jobs'])
    expect(jobs).toMatchObject({ out: expect.stringContaining(' download '), err: expect.stringContaining('nothing goes on') })
    expect(jobs.out).not.toContain('B/s')
  })

  it('that the Hub does not have ends the command before anything is kept', async () => {
    await using here = await machine()
    expect(await cli(here.home, ['pull', 'lab/None-GGUF', '--foreground'])).toMatchObject({ code: 3, out: '' })
    expect(await cli(here.home, ['pull', `${repo}:Q8_0`, '--foreground'])).toMatchObject({ out: '', code: 3 })
    expect(JSON.parse((await cli(here.home, ['jobs', '--json'])).out)).toEqual({ jobs: [] })
  })
})
