/** Getting models from the command line: real commands against a real listener whose jobs are played by the test. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createInProcessApi } from '../../src/api/in-process.ts'
import { runJob, watchJobs } from '../../src/cli/follow-job.ts'
import { ioOf } from '../../src/cli/io.ts'
import { createClient, type YardEvent } from '../../src/client/index.ts'
import { type Finding, ModelyardError, type SwitchResult } from '../../src/contract/index.ts'
import { type ServiceWithJobs, serviceWithJobs } from '../support/yard-with-jobs.ts'
import { cli, start } from './cli-process.ts'

const findings: Finding[] = []
const fixed: string[][] = []
let test: ServiceWithJobs

beforeEach(async () => {
  findings.length = 0
  fixed.length = 0
  test = await serviceWithJobs(
    {},
    {
      doctor: async () => findings,
      fix: async (ids) => {
        fixed.push([...ids])
        return findings.filter(({ id }) => !ids.includes(id))
      },
    },
  )
})
afterEach(() => test[Symbol.asyncDispose]())

const run = (...words: string[]) => cli(test.home, words)
const documents = (text: string): { type: string }[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const refs = [{ ref: 'lmstudio/pub/tiny', verified: true }]

/** A download with its stages, which ends well; it begins when somebody watches. */
const downloads = async (id: string): Promise<void> => {
  await test.watched(id)
  test.jobs.enter(id, 'download', { bytesTotal: 4e9 })
  test.jobs.progress(id, 2e9, { bytesPerSecond: 5e7, secondsLeft: 40 })
  test.jobs.enter(id, 'verify', { bytesDone: 4e9 })
  test.jobs.finish(id, 'succeeded', { result: { refs, verified: true } })
}

/** A command in this process. */
function here() {
  const stop = new AbortController()
  const said = { out: '', err: '' }
  const write = (to: 'out' | 'err') => (text: string) => {
    said[to] += text
  }
  const io = ioOf({ stdin: {}, stdout: { write: write('out') }, stderr: { write: write('err') } }, {}, false)
  const context = { words: [], options: {}, io, env: {}, signal: stop.signal, commandLine: { commands: [], commonOptions: [] } }
  return { context, said, stop }
}

describe('modelyard pull', () => {
  it('shows the plan, then the stages, then what is there', async () => {
    test.jobs.plan = { repo: 'pub/Tiny-GGUF', quantization: 'Q4_K_M', downloadBytes: 4e9, warnings: ['It is large.'] }
    test.jobs.script = downloads
    const { code, out, err } = await run('pull', 'pub/Tiny-GGUF', '--into', 'lmstudio', '--limit', '5M', '--no-use')
    expect(code).toBe(0)
    expect(out).toBe('lmstudio/pub/tiny · verified: it answered\n')
    expect(err).toMatch(/^get +pub\/Tiny-GGUF Q4_K_M\ndownload +4 GB\nwarning: It is large\.\n/)
    expect(err).toMatch(/ {2}downloading 4 GB\n {2}asking it something\n$/)
    expect(test.jobs.requests).toEqual([{ repo: 'pub/Tiny-GGUF', into: ['lmstudio'], switch: false, bytesPerSecond: 5_000_000 }])
  })

  it('with --dry-run only plans', async () => {
    test.jobs.plan = { repo: 'pub/Tiny-GGUF', warnings: ['It is large.'] }
    const [words, document] = await Promise.all([
      run('pull', 'pub/Tiny-GGUF', '--dry-run'),
      run('pull', 'pub/Tiny-GGUF', '--dry-run', '--json'),
    ])
    expect(words).toMatchObject({ code: 0, out: expect.stringMatching(/^get +pub\/Tiny-GGUF\n/), err: 'warning: It is large.\n' })
    expect(JSON.parse(document.out)).toMatchObject({ repo: 'pub/Tiny-GGUF', warnings: ['It is large.'] })
    expect(document.err).toBe('')
    expect(test.jobs.requests).toEqual([])
  })

  it('with --json is an event on each line, the end last', async () => {
    test.jobs.script = downloads
    const { code, out, err } = await run('get', 'qwen3:8b', '--json')
    expect([code, err]).toEqual([0, ''])
    const last = documents(out).at(-1)
    expect(last).toMatchObject({ type: 'job.finished', job: { state: 'succeeded', source: { catalog: 'qwen3:8b' }, result: { refs } } })
    expect(documents(out).every(({ type }) => type.startsWith('job.'))).toBe(true)
  })

  it('names a file by its whole path, wherever the service runs', async () => {
    test.jobs.script = downloads
    mkdirSync(join(test.home, 'models'))
    const file = join(test.home, 'models/tiny.gguf')
    writeFileSync(file, '')
    expect((await run('pull', file)).code).toBe(0)
    expect((await run('pull', '--from', 'ollama', 'qwen3:8b', '--use')).code).toBe(0)
    expect(test.jobs.requests).toEqual([{ path: file }, { name: 'qwen3:8b', from: 'ollama', switch: 'default' }])
  })

  it('ends with what the preflight found; nothing begins', async () => {
    test.jobs.refuse(new ModelyardError('gated', 'It asks for a licence.', { details: { url: 'https://hub.example/pub/Tiny-GGUF' } }))
    const [gated, document] = await Promise.all([run('pull', 'pub/Tiny-GGUF'), run('pull', 'pub/Tiny-GGUF', '--json')])
    expect(gated).toMatchObject({ code: 10, out: '', err: expect.stringContaining('https://hub.example/pub/Tiny-GGUF') })
    expect([document.code, JSON.parse(document.out)]).toMatchObject([10, { error: { code: 'gated' } }])
    test.jobs.refuse(new ModelyardError('disk_full'))
    expect((await run('pull', 'pub/Tiny-GGUF')).code).toBe(8)
    expect(test.jobs.requests).toEqual([])
  })

  it('ends with the exit code of what failed later, naming what is there all the same', async () => {
    test.jobs.script = (id) => {
      test.jobs.enter(id, 'import')
      test.jobs.finish(id, 'failed', {
        error: new ModelyardError('import_failed', 'Ollama did not take it.').toBody(),
        result: { refs, verified: true },
      })
    }
    const [words, document] = [await run('pull', 'pub/a'), await run('pull', 'pub/b', '--json')]
    expect(words).toMatchObject({
      code: 1,
      out: 'lmstudio/pub/tiny · verified: it answered\n',
      err: expect.stringMatching(/Ollama did not take it\.\n {2}→ /),
    })
    expect(documents(document.out).at(-1)).toMatchObject({ type: 'job.finished', job: { error: { code: 'import_failed' } } })
  })

  it('ends with the end of its switch', async () => {
    const at = new Date(0).toISOString()
    const end: SwitchResult = {
      id: 's',
      slot: 'default',
      outcome: 'rolled_back',
      from: 'ollama/old',
      to: 'lmstudio/pub/tiny',
      ref: 'ollama/old',
      epoch: 1,
      persisted: true,
      warnings: [],
      steps: [],
      startedAt: at,
      endedAt: at,
      error: new ModelyardError('load_failed', 'Too large.').toBody(),
    }
    test.jobs.script = (id) => test.jobs.finish(id, 'succeeded', { result: { refs, verified: true, switch: end } })
    expect(await run('pull', 'pub/a', '--use')).toMatchObject({
      code: 5,
      out: 'lmstudio/pub/tiny · verified: it answered\n',
      err: expect.stringMatching(
        /default serves ollama\/old, which answers again\.\nThe switch to lmstudio\/pub\/tiny failed: Too large\.\n/,
      ),
    })
  })

  it('joins what is under way already', async () => {
    test.jobs.ids.push('3f2a1111-2222')
    await test.yard.jobs.start({ repo: 'pub/a' })
    const second = start(test.home, ['pull', 'pub/a'])
    await second.said(/under way already, as job 3f2a1111/, 'err')
    await second.said(/looking it up/, 'err')
    await downloads('3f2a1111-2222')
    expect((await second.ended).code).toBe(0)
    expect(test.jobs.requests).toHaveLength(2)
  })

  it('is left by Ctrl-C, says how to go on, and the job goes on', async () => {
    test.jobs.ids.push('3f2a1111-2222')
    test.jobs.script = (id) => test.jobs.enter(id, 'download', { bytesTotal: 4e9 })
    const pull = start(test.home, ['pull', 'pub/a'])
    await pull.said(/downloading 4 GB/, 'err')
    pull.child.kill('SIGINT')
    const ended = await pull.ended
    expect(ended).toMatchObject({ code: 130, out: '', err: expect.stringContaining('`modelyard jobs watch 3f2a1111` shows it') })
    expect(test.yard.jobs.get('3f2a1111-2222').state).toBe('running')
    const watch = start(test.home, ['jobs', 'watch', '3f2a'])
    await watch.said(/downloading 4 GB/, 'err')
    await downloads('3f2a1111-2222')
    expect(await watch.ended).toMatchObject({ code: 0, out: 'lmstudio/pub/tiny · verified: it answered\n' })
  })

  it('goes on over a restart of the service', async () => {
    test.jobs.ids.push('3f2a1111-2222')
    test.jobs.script = async (id) => {
      await test.watched(id)
      test.jobs.enter(id, 'download', { bytesTotal: 4e9 })
    }
    const pull = start(test.home, ['pull', 'pub/a', '--json'])
    await pull.said(/"stage":"download"/)
    await test.relisten()
    await downloads('3f2a1111-2222')
    const ended = await pull.ended
    expect(ended.code).toBe(0)
    expect(documents(ended.out).filter((event) => event.type === 'job.finished')).toHaveLength(1)
  })

  it('says how to go on when the service stays away', async () => {
    const away = new ModelyardError('service_unreachable', 'No service answers.')
    const job = {
      ...createClient({ url: test.service.url, token: test.token }).jobs.handle((await test.yard.jobs.start({ repo: 'pub/a' })).id),
      async *events(): AsyncGenerator<YardEvent, void, void> {
        yield { type: 'heartbeat', seq: 0, at: new Date().toISOString() }
        throw away
      },
    }
    const { context } = here()
    await expect(watchJobs(context, {} as never, [job])).rejects.toMatchObject({
      code: 'service_unreachable',
      hint: 'It is kept: `modelyard jobs watch job-1` goes on.',
    })
  })

  it('stops, and is kept, at Ctrl-C where the work is done in this process', async () => {
    test.jobs.ids.push('3f2a1111-2222')
    const api = createInProcessApi(test.yard)
    const connection = { client: createClient(api), [Symbol.asyncDispose]: async () => {} }
    const { context, said, stop } = here()
    const ended = runJob(context, connection, { repo: 'pub/a' })
    await test.watched('3f2a1111-2222')
    stop.abort()
    expect(await ended).toBe(130)
    expect(said.out).toBe('')
    expect(said.err).toContain('Stopped, and kept. `modelyard jobs watch 3f2a1111` goes on.\n')
    api.close()
  })

  it('says what was meant when the name of a model in an engine was written', async () => {
    test.jobs.refuse(new ModelyardError('repo_not_found', 'The Hub has no repository ollama/qwen3.'))
    const [engine, other] = await Promise.all([run('pull', 'ollama/qwen3:8b'), run('pull', 'pub/qwen3:8b', '--dry-run')])
    expect(engine).toMatchObject({ code: 3, err: expect.stringContaining('`modelyard pull --from ollama qwen3:8b`') })
    expect(other.code).toBe(3)
    expect(other.err).not.toContain('--from')
  })

  it.each([
    [['pull', 'https://evil.example/x.gguf']],
    [['pull', 'pub/a', '--slot', 'x', '--no-use']],
    [['pull', './a.gguf', '--quant', 'Q8_0']],
    [['pull', 'pub/a', '--limit', 'fast']],
    [['share', 'ollama/a']],
  ])('%j is wrong usage', async (words) => {
    expect(await run(...words)).toMatchObject({ code: 2, out: '' })
    expect(test.jobs.requests).toEqual([])
  })
})

describe('modelyard share', () => {
  it('gives another engine what one holds', async () => {
    test.jobs.script = downloads
    expect(await run('share', 'ollama/qwen3:8b', '--into', 'lmstudio')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^get +ollama/),
    })
    expect(test.jobs.requests).toEqual([{ ref: 'ollama/qwen3:8b', into: ['lmstudio'] }])
  })
})

describe('modelyard jobs', () => {
  beforeEach(async () => {
    test.jobs.ids.push('aaaa1111-1', 'aaab2222-1', 'bbbb3333-1')
    for (const repo of ['pub/a', 'pub/b', 'pub/c']) await test.yard.jobs.start({ repo, into: ['ollama'] })
    test.jobs.enter('aaaa1111-1', 'download', { bytesTotal: 4e9, bytesDone: 1e9, bytesPerSecond: 5e7, secondsLeft: 60 })
    test.jobs.enter('aaab2222-1', 'download', { state: 'waiting', waitingFor: 'sign-in' })
    test.jobs.finish('bbbb3333-1', 'failed', { error: new ModelyardError('hash_mismatch').toBody() })
  })

  it('lists them, the newest first', async () => {
    const [words, document, status] = await Promise.all([run('jobs'), run('jobs', '--json'), run('status')])
    const rows = words.out.split('\n')
    expect(rows[1]).toMatch(/^bbbb3333 +failed +pub\/c +ollama/)
    expect(rows[2]).toMatch(/^aaab2222 +waits for sign-in +pub\/b/)
    expect(rows[3]).toMatch(/^aaaa1111 +download +pub\/a +ollama +1 GB +4 GB +50 MB\/s +1 min/)
    expect(words.err).toContain('bbbb3333: ')
    expect(JSON.parse(document.out).jobs).toHaveLength(3)
    expect(status.out).toMatch(/jobs +1 running, 1 waiting/)
  })

  it('pauses, resumes and cancels one by the beginning of its id', async () => {
    expect(await run('jobs', 'pause', 'aaaa')).toMatchObject({ code: 0, out: 'aaaa1111 (pub/a) is paused\n' })
    expect(await run('jobs', 'resume', 'aaaa1111-1')).toMatchObject({ code: 0, out: 'aaaa1111 (pub/a) is running\n' })
    expect(await run('jobs', 'cancel', 'aaaa')).toMatchObject({
      code: 0,
      out: expect.stringContaining('is cancelled; what was fetched is kept'),
    })
    const removed = await run('jobs', 'cancel', 'aaab', '--remove-partial', '--json')
    expect(JSON.parse(removed.out)).toMatchObject({ state: 'cancelled', note: 'partial remove' })
  })

  it('refuses what names none, several, or one that has ended', async () => {
    const [none, several, over] = await Promise.all([run('jobs', 'pause', 'zz'), run('jobs', 'pause', 'aaa'), run('jobs', 'pause', 'bb')])
    expect(none).toMatchObject({ code: 3, out: '' })
    expect(several).toMatchObject({ code: 2, err: expect.stringMatching(/aaab2222 {2}pub\/b\n {2}aaaa1111 {2}pub\/a/) })
    expect(over).toMatchObject({ code: 1, err: expect.stringContaining('has ended') })
  })

  it('watches all that have not ended; the exit code is that of the first that did not end well', async () => {
    const watch = start(test.home, ['jobs', 'watch'])
    await watch.said(/aaaa1111 {2}downloading 4 GB/, 'err')
    await watch.said(/aaab2222 {2}waiting for a sign-in/, 'err')
    await downloads('aaaa1111-1')
    test.jobs.finish('aaab2222-1', 'failed', { error: new ModelyardError('gated', 'A licence.').toBody() })
    expect(await watch.ended).toMatchObject({ code: 10, out: 'lmstudio/pub/tiny · verified: it answered\n' })
    expect(await run('jobs', 'watch')).toMatchObject({ code: 0, out: '', err: 'Nothing is under way.\n' })
  })

  it('shows the end of one that has ended', async () => {
    expect(await run('jobs', 'watch', 'bbbb')).toMatchObject({ code: 1, out: '' })
  })

  it('and their names complete', async () => {
    expect((await run('__complete', 'job')).out.split('\n').sort()).toEqual(['', 'aaaa1111-1', 'aaab2222-1', 'bbbb3333-1'])
    expect((await run('__complete', 'catalog')).out.split('\n')).toContain('qwen3-8b')
  })
})

describe('modelyard doctor --fix', () => {
  beforeEach(() => {
    findings.push(
      { id: 'partial:x', level: 'warning', text: 'A download was left.', hint: 'It goes.', fixable: true, bytes: 1e9 },
      { id: 'env', level: 'ok', text: 'All is well.', fixable: false },
    )
  })

  it('needs a yes where nobody can be asked', async () => {
    expect(await run('doctor', '--fix')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') })
    expect(await run('doctor', '--yes')).toMatchObject({ code: 2 })
    expect(fixed).toEqual([])
  })

  it('does what is fixable and nothing else, then shows what is left', async () => {
    expect(await run('doctor')).toMatchObject({ code: 0, err: expect.stringContaining('doctor --fix') })
    const done = await run('doctor', '--fix', '--yes')
    expect(done).toMatchObject({
      code: 0,
      out: 'ok       All is well.\n',
      err: 'would fix  A download was left. → It goes. (frees 1 GB)\n',
    })
    expect(fixed).toEqual([['partial:x']])
    findings.splice(0, 1)
    expect(await run('doctor', '--fix', '--yes', '--json')).toMatchObject({ code: 0, err: 'There is nothing that can be fixed.\n' })
    expect(fixed).toHaveLength(1)
  })
})
