/** The embedded engine on real llama.cpp: answers, aborts, readers that pause, children that die. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ModelyardError } from '../../../src/contract/index.ts'
import { windowSize } from '../../../src/providers/embedded/chat-call.ts'
import { orderOf } from '../../../src/providers/embedded/chat-order.ts'
import { startChild } from '../../../src/providers/embedded/engine-child.ts'
import { findEngine } from '../../../src/providers/embedded/engine-folder.ts'
import { createSpare } from '../../../src/providers/embedded/spare.ts'
import { damagedGguf } from '../../../src/testing/gguf/damaged-gguf.ts'
import { namedGguf } from '../../../src/testing/gguf/named-gguf.ts'
import { tinyGguf } from '../../../src/testing/gguf/tiny-gguf.ts'
import { ask, embedded, soon, textOf } from './support.ts'

const load = { signal: new AbortController().signal }

/** Of the child that is in memory, by its command line. */
function childrenOf(parent: number | undefined): Promise<number[]> {
  return new Promise((resolve) => {
    execFile('ps', ['-eo', 'pid=,ppid=,args='], { maxBuffer: 2 ** 24 }, (_, text) => {
      const rows = text.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
      resolve(rows.flatMap((row) => (row && Number(row[2]) === parent && row[3]?.includes('child.ts') ? [Number(row[1])] : [])))
    })
  })
}

const alive = async (pid: number): Promise<boolean> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return text !== '' && !/^\d+ \(.*\) [ZX]/.test(text)
}

async function gone(pid: number): Promise<void> {
  while (await alive(pid)) await new Promise((resolve) => setImmediate(resolve))
}

describe('the embedded engine', () => {
  it('says which model answers, for several at once, in order of asking', async () => {
    await using subject = await embedded({ 'a/b/maple.gguf': namedGguf('maple') })
    const answers = await Promise.all(Array.from({ length: 12 }, () => textOf(ask(subject.provider, 'a/b/maple', 10))))
    expect(answers).toEqual(Array.from({ length: 12 }, () => 'maplemaple'))
  })

  it.each([
    ['truncated', /not within the file bounds/],
    ['random-bytes', /magic/i],
    ['unknown-architecture', /unknown model architecture: 'nosuch'/],
    ['bad-tensor', /missing tensor 'output_norm.weight'/],
  ] as const)('says in llama.cpp’s words why a file cannot be loaded: %s', async (damage, words) => {
    await using subject = await embedded({ 'x.gguf': damagedGguf(damage), 'fine.gguf': namedGguf('maple') })
    const error = await subject.provider.load('x', {}, load).catch((thrown: ModelyardError) => thrown)
    expect(error).toMatchObject({ code: 'load_failed', message: expect.stringMatching(words) })
    expect((error as ModelyardError).message).not.toContain(subject.library)
    expect(await textOf(ask(subject.provider, 'fine', 5))).toBe('maple')
  })

  it('refuses a prompt longer than its context instead of cutting it, and honours stop words and limits', async () => {
    await using subject = await embedded({ 'm.gguf': namedGguf('maple') })
    const { provider } = subject
    const messages = [{ role: 'user' as const, content: 'long '.repeat(500) }]
    await expect(textOf(provider.chat({ model: 'm', messages }, { signal: soon() }))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      details: { contextLength: 512 },
    })
    expect(
      await textOf(
        provider.chat({ model: 'm', messages: [{ role: 'user', content: 'x' }], stop: ['pl'], maxTokens: 50 }, { signal: soon() }),
      ),
    ).toBe('ma')
    const parts = []
    for await (const part of ask(provider, 'm', 7)) parts.push(part)
    expect(parts[0]).toEqual({ type: 'start', model: 'm' })
    expect(parts.at(-1)).toMatchObject({ type: 'end', finishReason: 'length', usage: { completionTokens: 7 } })
  })

  it('a reader who pauses stops the engine after a bounded number of pieces', async () => {
    const engine = await findEngine({ home: '/nonexistent' })
    if (!engine) throw new TypeError('npm run setup')
    await using subject = await embedded({ 'm.gguf': namedGguf('maple') })
    const child = startChild({ entry: engine.entry, gpu: false })
    await child.load({ path: `${subject.library}/m.gguf`, purpose: 'chat', contextLength: 512, threads: 1, sequences: 1 }, load)
    const paused = child.chat('m', orderOf({ messages: [{ role: 'user', content: 'x' }], maxTokens: 400 }), soon())
    await paused.next()
    // The only lane is taken by the reader who pauses; when that leaves, the next is answered.
    const second = textOf(child.chat('m', orderOf({ messages: [{ role: 'user', content: 'x' }], maxTokens: 5 }), soon()))
    let pieces = 0
    for (let turn = 0; turn < windowSize; turn += 1) pieces += (await paused.next()).done ? 0 : 1
    expect(pieces).toBe(windowSize)
    expect(child.busy).toBe(2)
    await paused.return?.()
    expect(await second).toBe('maple')
    await child.end()
  })

  it('an abort ends the answer at once, and the engine goes on for others', async () => {
    await using subject = await embedded({ 'm.gguf': namedGguf('maple') })
    const { provider } = subject
    const abort = new AbortController()
    const reading = (async () => {
      for await (const part of ask(provider, 'm', 400, abort.signal)) if (part.type === 'delta') abort.abort()
    })()
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    expect(await textOf(ask(provider, 'm', 5))).toBe('maple')
  })

  it('an aborted load leaves nothing, and the next one works', async () => {
    await using subject = await embedded({ 'm.gguf': tinyGguf() })
    const abort = new AbortController()
    const loading = subject.provider.load('m', {}, { signal: abort.signal })
    abort.abort()
    await expect(loading).rejects.toMatchObject({ code: 'cancelled' })
    expect(await subject.provider.loaded(soon())).toEqual([])
    expect(await subject.provider.load('m', { contextLength: 256 }, load)).toMatchObject({ contextLength: 256, loadedBy: 'us' })
  })

  it('survives its child being killed in the middle of an answer, and says so', async () => {
    await using subject = await embedded({ 'm.gguf': namedGguf('maple') })
    const { provider } = subject
    let changes = 0
    provider.onChange?.(() => {
      changes += 1
    })
    await provider.load('m', {}, load)
    const [pid] = await childrenOf(process.pid)
    const reading = (async () => {
      let killed = false
      for await (const part of ask(provider, 'm', 400)) {
        if (part.type === 'delta' && !killed && pid) process.kill(pid, 'SIGKILL')
        killed ||= part.type === 'delta'
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'provider_error', message: expect.stringContaining('SIGKILL') })
    expect(changes).toBe(1)
    expect(await provider.loaded(soon())).toEqual([])
    expect(await textOf(ask(provider, 'm', 5))).toBe('maple')
  })

  it('survives its child being killed in a load', async () => {
    await using subject = await embedded({ 'm.gguf': namedGguf('maple') })
    const loading = subject.provider.load('m', {}, load)
    const killed = (async () => {
      for (;;) {
        const [pid] = await childrenOf(process.pid)
        if (pid) return process.kill(pid, 'SIGKILL')
      }
    })()
    await expect(loading).rejects.toMatchObject({ code: 'load_failed' })
    await killed
    expect(await textOf(ask(subject.provider, 'm', 5))).toBe('maple')
  })

  it('ends with its parent, even when that is killed', async () => {
    await using subject = await embedded({ 'm.gguf': namedGguf('maple') })
    const fixture = new URL('./fixtures/parent.ts', import.meta.url).pathname
    const parent = spawn(process.execPath, ['--import', 'tsx', fixture, subject.library], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    expect(line.toString()).toContain('loaded')
    const children = await childrenOf(parent.pid)
    expect(children.length).toBeGreaterThan(0)
    parent.kill('SIGKILL')
    await Promise.all(children.map(gone))
  })

  it('without its package is not installed, and says what to do', async () => {
    await using subject = await embedded({ 'm.gguf': tinyGguf() }, { installed: false })
    expect(await subject.provider.probe(soon())).toMatchObject({ state: 'not_installed', hint: expect.stringContaining('npm run setup') })
    await expect(subject.provider.load('m', {}, load)).rejects.toMatchObject({ code: 'provider_not_installed' })
    expect((await subject.provider.list(soon())).map((one) => one.name)).toEqual(['m'])
  })
})

describe('the spare', () => {
  it('is kept while wanted, taken once, and started again when it is quiet', async () => {
    const engine = await findEngine({ home: '/nonexistent' })
    if (!engine) throw new TypeError('npm run setup')
    let started = 0
    const starts: (() => void)[] = []
    const spare = createSpare(() => {
      started += 1
      for (const one of starts.splice(0)) one()
      return startChild({ entry: engine.entry, gpu: false })
    })
    const next = (): Promise<void> => new Promise((resolve) => starts.push(resolve))
    const first = next()
    spare.want(true)
    await first
    const child = spare.take()
    await child.ready
    expect(started).toBe(1)
    const again = next()
    spare.refill()
    await again
    expect(started).toBe(2)
    spare.want(false)
    await child.end()
    await spare.close()
  })
})
