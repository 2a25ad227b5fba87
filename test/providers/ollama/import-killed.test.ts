/** An import whose process is killed is done again by another one, or taken back; either way nothing is left over. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportAddition, ImportDecision, LocalFile } from '../../../src/providers/provider.ts'
import { deferred } from '../../../src/util/deferred.ts'
import { blobOf, linksOf, modelOf, soon, withStore, type Yard } from './with-store.ts'

/** Imports in a process of its own, which keeps what it is told in a file, and is killed while Ollama holds this request back. */
async function killedAt(
  held: { path: string; skip: number },
  yard: Yard,
  file: LocalFile,
  decision: ImportDecision,
): Promise<ImportAddition[]> {
  const { engine, store, library } = yard
  const journal = join(library, 'journal')
  const source = `
    const { appendFileSync } = await import('node:fs')
    const { createOllama } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/providers/ollama/index.ts'))})
    const { url, store, model, decision, journal } = JSON.parse(process.argv[1])
    const provider = createOllama({ id: 'ollama', kind: 'ollama', enabled: true, baseUrl: url }, undefined, { stores: [store] })
    const onAdding = async (one) => appendFileSync(journal, JSON.stringify(one) + '\\n')
    await provider.importing.perform(model, decision, { signal: AbortSignal.timeout(30_000), onAdding })`
  const release = deferred<void>()
  const rule = { path: held.path, fault: { kind: 'hold', until: release.promise } } as const
  if (held.skip > 0) engine.faults.add({ path: held.path, fault: { kind: 'hold', until: Promise.resolve() }, times: held.skip })
  engine.faults.add({ ...rule, times: 1 })
  const reached = engine.ledger.filter(({ path }) => matches(path, held.path)).length + held.skip + 1
  const given = JSON.stringify({ url: engine.url, store, model: modelOf(file), decision, journal })
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', source, given], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const gone = new Promise((resolve) => child.once('close', resolve))
  await engine.waitFor(() => engine.ledger.filter(({ path }) => matches(path, held.path)).length >= reached)
  child.kill('SIGKILL')
  await gone
  release.resolve()
  engine.faults.clear()
  return (await readFile(journal, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ImportAddition)
}

const matches = (path: string, pattern: string): boolean =>
  path === pattern || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))

describe('an import that is killed', () => {
  it.each([
    ['after the link', { path: '/api/blobs/*', skip: 1 }],
    ['before the pull', { path: '/api/pull', skip: 0 }],
    ['before the copy', { path: '/api/copy', skip: 0 }],
    ['before the long name goes', { path: '/api/delete', skip: 0 }],
  ])('%s', async (_, held) => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const decision = await yard.importing.plan(modelOf(file), soon())
      const told = await killedAt(held, yard, file, decision)
      const again = await yard.importing.perform(modelOf(file), decision, { signal: soon(), recorded: told })
      expect([again.name, await yard.names()]).toEqual(['tiny:q4_k_m', ['tiny:q4_k_m']])
      expect([linksOf(file.path), (await yard.blobs()).length]).toEqual([2, 2])
      expect((await yard.provider.files?.(soon()))?.[0]?.path).toBe(blobOf(yard.store, file.sha256))
      await yard.importing.undo(again.added, soon())
      expect([await yard.names(), await yard.blobs(), linksOf(file.path)]).toEqual([[], [], 1])
    })
  })

  it('is taken back by what it had told', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      const decision = await yard.importing.plan(modelOf(file), soon())
      const told = await killedAt({ path: '/api/delete', skip: 0 }, yard, file, decision)
      await yard.importing.undo(told, soon())
      expect([await yard.names(), await yard.blobs(), linksOf(file.path)]).toEqual([[], [], 1])
    })
  })
})
