/** Where no link can be made: another volume, a store that cannot be written, a file that the kernel does not let us link. */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, readFileSync, statSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportDecision, Imported, LocalFile } from '../../../src/providers/provider.ts'
import { smallVolume } from '../../support/other-volume.ts'
import { failureOf } from './with-ollama.ts'
import { linksOf, modelOf, soon, withStore, type Yard } from './with-store.ts'

const isRoot = process.getuid?.() === 0
/** Nobody's, everywhere on Linux and macOS but in name. */
const nobody = 65_534

const isOtherVolume = (folder: string): boolean => existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev
const memoryFolder = ['/dev/shm', '/run/shm'].find(isOtherVolume)

/** Does the kernel refuse links to files that one could not write? */
function protectsLinks(): boolean {
  try {
    return readFileSync('/proc/sys/fs/protected_hardlinks', 'utf8').trim() === '1'
  } catch {
    return false
  }
}

/** Plans and imports in a process of its own, as another user where we are root: root may do everything. */
async function importedByAnother(
  { engine, store, library }: Yard,
  file: LocalFile,
): Promise<{ decision: ImportDecision; result: Imported }> {
  const at = (path: string): string => JSON.stringify(join(import.meta.dirname, path))
  const source = `
    const { createOllama } = await import(${at('../../../src/providers/ollama/index.ts')})
    if (process.getuid?.() === 0) {
      process.setgroups([])
      process.setgid(${nobody})
      process.setuid(${nobody})
    }
    const { url, store, library, model } = JSON.parse(process.argv[1])
    const provider = createOllama({ id: 'ollama', kind: 'ollama', enabled: true, baseUrl: url }, undefined, { library, stores: [store] })
    const signal = AbortSignal.timeout(30_000)
    const decision = await provider.importing.plan(model, signal)
    const result = await provider.importing.perform(model, decision, { signal })
    await provider.close()
    process.stdout.write(JSON.stringify({ decision, result }))`
  const given = JSON.stringify({ url: engine.url, store, library, model: modelOf(file) })
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', source, given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await new Promise((resolve) => child.once('close', resolve))
  return JSON.parse(text)
}

async function expectCopied(yard: Yard, file: LocalFile): Promise<void> {
  expect(linksOf(file.path)).toBe(1)
  const blob = await readFile(join(yard.store, 'blobs', `sha256-${file.sha256}`))
  expect(blob.equals(await readFile(file.path))).toBe(true)
  expect(await yard.names()).toEqual(['tiny:q4_k_m'])
}

describe('where no link can be made, Ollama copies', () => {
  it.skipIf(memoryFolder === undefined)('on another volume, and the plan says so beforehand', async () => {
    await withStore(
      async (yard) => {
        const file = await yard.file('tiny.gguf')
        const decision = await yard.importing.plan(modelOf(file), soon())
        expect(decision).toMatchObject({ strategy: 'registry-copy', extraBytes: file.bytes, volume: join(yard.store, 'blobs') })
        expect(decision.reason).toContain('another volume')
        const { path: _, ...coming } = file
        const before = await yard.importing.plan({ repo: 'lab/tiny', weights: [coming] }, soon())
        expect(before.reason).toContain('another volume')
        await yard.importing.perform(modelOf(file), decision, { signal: soon() })
        await expectCopied(yard, file)
        // A plan that was made before the library moved.
        const other = await yard.file('other.gguf')
        const link = { strategy: 'registry-link', reason: '', name: 'other:q4', extraBytes: 0 } as const
        const notes: string[] = []
        const onNote = (note: string): void => void notes.push(note)
        const moved = await yard.importing.perform(modelOf(other), link, { signal: soon(), onNote })
        expect(notes).toEqual([expect.stringContaining('so it makes a copy of')])
        expect([moved.name, linksOf(other.path), await yard.names()]).toEqual(['other:q4', 1, ['tiny:q4_k_m', 'other:q4']])
      },
      { storeBelow: memoryFolder as string },
    )
  })

  it('if there is room for what was to be a link', async (test) => {
    await using volume = await smallVolume(4 * 1024 * 1024)
    if (!volume) return test.skip()
    await withStore(
      async (yard) => {
        const file = await yard.file('tiny.gguf', Buffer.alloc(6 * 1024 * 1024, 'GGUF'))
        const link = { strategy: 'registry-link', reason: '', name: 'tiny:q4', extraBytes: 0 } as const
        const notes: string[] = []
        const onNote = (note: string): void => void notes.push(note)
        const error = await failureOf(yard.importing.perform(modelOf(file), link, { signal: soon(), onNote }))
        expect([error.code, error.message]).toEqual(['disk_full', expect.stringContaining('6.3 MB')])
        expect(yard.engine.ledger.some(({ path }) => path === '/api/pull')).toBe(false)
        expect([await yard.names(), await yard.blobs(), notes]).toEqual([[], [], []])
      },
      { storeBelow: volume.folder },
    )
  })

  it('into a store that cannot be written, with the reason', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      // The fake writes as root where we are root; else the folder opens again when the plan is made.
      const blobs = join(yard.store, 'blobs')
      await opened(yard)
      if (isRoot) {
        const { decision } = await importedByAnother(yard, file)
        expect(decision).toMatchObject({ strategy: 'registry-copy', extraBytes: file.bytes })
        expect(decision.reason).toContain('a user of its own')
        await expectCopied(yard, file)
      } else {
        await chmod(blobs, 0o555)
        const decision = await yard.importing.plan(modelOf(file), soon())
        expect(decision).toMatchObject({ strategy: 'registry-copy', extraBytes: file.bytes })
        expect(decision.reason).toContain('cannot be written')
        await chmod(blobs, 0o755)
      }
    })
  })

  it.skipIf(!isRoot || !protectsLinks())('a file that the kernel does not let us link', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      await opened(yard)
      chmodSync(join(yard.store, 'blobs'), 0o777)
      const { decision, result } = await importedByAnother(yard, file)
      expect(decision.strategy).toBe('registry-link')
      expect(result.name).toBe('tiny:q4_k_m')
      await expectCopied(yard, file)
    })
  })

  it.skipIf(!isRoot)('a file that the user of Ollama could not read', async () => {
    await withStore(async (yard) => {
      const file = await yard.file('tiny.gguf')
      chownSync(join(yard.store, 'blobs'), nobody, nobody)
      expect((await yard.importing.plan(modelOf(file), soon())).strategy).toBe('registry-link')
      chmodSync(file.path, 0o600)
      const decision = await yard.importing.plan(modelOf(file), soon())
      expect([decision.strategy, decision.reason]).toEqual(['registry-copy', expect.stringContaining('could not read')])
    })
  })
})

/** The folders of a test are its own user's; another one is to see into them. */
async function opened({ store }: Yard): Promise<void> {
  await chmod(join(store, '..'), 0o755)
}
