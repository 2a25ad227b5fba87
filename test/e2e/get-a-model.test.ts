/**
 * A model got and uninstalled again, with nothing played but the Hub: real commands, a real service that is killed in
 * the middle of the download, real llama.cpp.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Finding, HubResult, Job, Model, Removal } from '../../src/contract/index.ts'
import { cdnBytes, type FakeHub, fakeHub, namedGguf } from '../../src/testing/index.ts'
import { cli, type Ended, type Running, start, temporaryFolder } from '../cli/cli-process.ts'
import { descendantsOf, gone } from '../support/processes.ts'

const repo = 'lab/Cedar-GGUF'
const file = 'cedar-Q4_0.gguf'
const ref = 'embedded/lab/Cedar-GGUF/cedar-Q4_0'
const mebibyte = 2 ** 20
/** What follows the tensors is nothing to llama.cpp; here it makes the download last. */
const content = Buffer.concat([namedGguf('cedar'), cdnBytes(0, 20 * mebibyte)])
const sha256 = createHash('sha256').update(content).digest('hex')

interface Machine extends AsyncDisposable {
  readonly hub: FakeHub
  /** Where the model is to lie. */
  readonly path: string
  run(...words: string[]): Promise<Ended>
  begin(...words: string[]): Running
  serve(port?: string): Promise<Service>
}

interface Service {
  readonly port: string
  readonly pid: number | undefined
  /** SIGKILL; answers when it and its children are gone. */
  kill(): Promise<void>
}

async function machine(): Promise<Machine> {
  const home = temporaryFolder()
  const hub = await fakeHub({
    repositories: [{ repo, files: [{ path: file, content }], licence: 'mit', gguf: { architecture: 'llama' } }],
    bytesPerSecond: 3 * mebibyte,
  })
  const [off, threads] = [{ enabled: false }, 1]
  const providers = { ollama: off, lmstudio: off, llamacpp: off, embedded: { threads, gpu: false } }
  writeFileSync(join(home, 'modelyard.config.jsonc'), JSON.stringify({ providers }))
  const env = { HF_ENDPOINT: hub.url }
  return {
    hub,
    path: join(home, 'library', repo, file),
    run: (...words) => cli(home, words, { env }),
    begin: (...words) => start(home, words, { env }),
    async serve(port = '0') {
      const running = start(home, ['serve', '--port', port, '--json'], { env })
      const [, url = ''] = await running.said(/"url":"([^"]+)".*\n/)
      const { pid } = running.child
      return { port: new URL(url).port, pid, kill: () => killed(pid) }
    },
    async [Symbol.asyncDispose]() {
      await cli(home, ['stop'])
      await hub.close()
    },
  }
}

async function killed(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new TypeError('it was not started')
  const all = [pid, ...(await descendantsOf(pid))]
  process.kill(pid, 'SIGKILL')
  await Promise.all(all.map(gone))
}

const read = <T>({ code, out, err }: Ended): T => {
  expect([code, err]).toEqual([0, expect.any(String)])
  return JSON.parse(out) as T
}
const partials = (path: string): string[] => {
  const folder = join(dirname(path), '../../.modelyard')
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.includes('.part'))
}
const onlyJob = async ({ run }: Machine): Promise<Job> => {
  const { jobs } = read<{ jobs: Job[] }>(await run('jobs', '--json'))
  expect(jobs).toHaveLength(1)
  return jobs[0] as Job
}

function expectNothingFetchedTwice({ hub }: Machine): void {
  const { bytesServed, connections } = hub.cdn.counts
  expect(bytesServed).toBeGreaterThanOrEqual(content.length)
  expect(bytesServed).toBeLessThanOrEqual(1.02 * content.length + connections * mebibyte)
}

describe('a model of the Hub', () => {
  it('is found, got through a kill of the service, used and uninstalled', async () => {
    await using here = await machine()
    const { run, hub, path } = here
    const { results } = read<{ results: HubResult[] }>(await run('search', 'cedar', '--json'))
    expect(results.map((one) => one.repo)).toEqual([repo])

    const first = await here.serve()
    const pull = here.begin('pull', `${repo}:Q4_0`, '--into', 'embedded', '--no-use')
    await hub.cdn.counts.untilServed(6 * mebibyte)
    await first.kill()
    expect(existsSync(path)).toBe(false)
    expect(partials(path)).toHaveLength(2)
    expect(await onlyJob(here)).toMatchObject({ state: 'running', stage: 'download' })

    // Nobody asks for it: the job goes on, and the command that began it sees its end.
    const second = await here.serve(first.port)
    expect(await pull.ended).toMatchObject({ code: 0, out: `${ref} · verified: it answered\n` })
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256)
    expectNothingFetchedTwice(here)
    expect(partials(path)).toEqual([])
    const job = await onlyJob(here)
    expect(job).toMatchObject({ state: 'succeeded', result: { refs: [{ ref, verified: true }], verified: true } })
    expect(await run('jobs', 'watch', job.id.slice(0, 6))).toMatchObject({ code: 0, out: `${ref} · verified: it answered\n` })

    expect(await run('use', ref)).toMatchObject({ code: 0, out: expect.stringContaining(ref) })
    expect(await run('chat', 'Who are you?')).toMatchObject({ code: 0, out: expect.stringMatching(/^(?:cedar)+/) })
    const model = read<Model>(await run('show', ref, '--json'))
    expect(model).toMatchObject({ slots: ['default'], source: { repo, file, sha256 } })
    expect(model.details).toMatchObject({ holders: [{ ref, path, bytes: content.length }], diskBytes: statSync(path).blocks * 512 })

    expect(await run('rm', ref, '--yes')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('default') })
    const removal = read<Removal>(await run('rm', ref, '--empty-slot', '--yes', '--json'))
    expect(removal).toMatchObject({ ref, removed: [{ path, bytes: content.length }], kept: [], dryRun: false })
    expect(existsSync(dirname(path))).toBe(false)
    const { findings } = read<{ findings: Finding[] }>(await run('doctor', '--json'))
    expect(findings.filter(({ fixable }) => fixable)).toEqual([])

    const children = await descendantsOf(second.pid)
    expect(await run('stop')).toMatchObject({ code: 0 })
    await Promise.all(children.map(gone))
  }, 240_000)

  it('is got by a service in the background that is killed: the next one goes on', async () => {
    await using here = await machine()
    const pull = here.begin('pull', repo, '--into', 'embedded')
    const [, pid] = await pull.said(/started one in the background at \S+ \(process (\d+)\)/, 'err')
    await here.hub.cdn.counts.untilServed(6 * mebibyte)
    pull.child.kill('SIGINT')
    expect(await pull.ended).toMatchObject({ code: 130, out: '', err: expect.stringContaining('Left alone. It goes on') })
    await killed(Number(pid))
    expect(await here.run('jobs')).toMatchObject({ code: 0, err: expect.stringContaining('No service is running, so nothing goes on.') })

    const watch = await here.run('jobs', 'watch')
    expect(watch).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^${ref} · verified: it answered\\ndefault serves ${ref} · verified`)),
    })
    expect(createHash('sha256').update(readFileSync(here.path)).digest('hex')).toBe(sha256)
    expectNothingFetchedTwice(here)
  }, 240_000)
})
