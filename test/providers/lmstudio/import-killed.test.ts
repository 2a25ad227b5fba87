/** An import that was killed at any step goes on to whole files, or is taken back to none, by what was told before it. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { createLmStudio } from '../../../src/providers/lmstudio/index.ts'
import type { ImportAddition, ImportModel } from '../../../src/providers/provider.ts'
import { fakeLmStudio } from '../../../src/testing/fakes/fake-lmstudio.ts'
import { filesBelow, importing, modelIn } from '../../support/import-model.ts'
import { smallVolume } from '../../support/other-volume.ts'
import { notAborted, providerConfig } from '../openai-chat/scripted-engine.ts'

interface Scene {
  readonly baseUrl: string
  readonly modelsDir: string
  readonly library: string
  readonly model: ImportModel
}

/** Imports in a process of its own, killed when it has told this many steps; answers with the additions it told. */
async function killedAtStep(step: number, scene: Scene): Promise<ImportAddition[]> {
  const source = join(import.meta.dirname, '../../../src/providers/lmstudio/index.ts')
  const code = `
    const { createLmStudio } = await import(${JSON.stringify(source)})
    const { baseUrl, modelsDir, library, model } = ${JSON.stringify(scene)}
    const provider = createLmStudio({ id: 'lmstudio', kind: 'lmstudio', enabled: true, baseUrl, modelsDir }, { library })
    const { writeSync, readSync } = await import('node:fs')
    // Waits for an answer after each step, so that it is killed in it and not behind it.
    const tell = (what) => { writeSync(1, JSON.stringify(what) + '\\n'); readSync(0, Buffer.alloc(1)) }
    const signal = AbortSignal.timeout(20000)
    const decision = await provider.importing.plan(model, signal)
    await provider.importing.perform(model, decision, { signal, onAdding: async (added) => tell({ added }), onProgress: () => tell({}) })
    await provider.close()`
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const told: ImportAddition[] = []
  let steps = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const { added } = JSON.parse(line) as { added?: ImportAddition }
    if (added) told.push(added)
    steps += 1
    if (steps === step) child.kill('SIGKILL')
    else child.stdin.write('.')
  }
  await ended
  expect(steps).toBe(step)
  return told
}

/** Of two files of 1.5 MiB: each is told, copied in two pieces, and told once more before it has its name. */
const steps = [1, 2, 3, 4, 5, 6, 7, 8]

describe('an import that is killed', () => {
  it.each(steps)('at step %i goes on to whole files, and is taken back to none', async (step) => {
    const base = await mkdtemp(join(tmpdir(), 'modelyard-killed-'))
    await using volume = await smallVolume(8 * 1024 * 1024)
    // On one volume it links: then there are the four steps of telling only.
    const modelsDir = join(volume?.folder ?? base, 'models')
    const library = join(base, 'library')
    await mkdir(modelsDir)
    try {
      await using engine = await fakeLmStudio({ modelsDir })
      const weights = { 'big-00001-of-00002.gguf': Buffer.alloc(1_572_864, 1), 'big-00002-of-00002.gguf': Buffer.alloc(1_572_864, 2) }
      const model = await modelIn(library, { weights })
      const provider = createLmStudio(providerConfig({ kind: 'lmstudio', baseUrl: engine.url, modelsDir }), { library })
      const own = provider.importing
      if (!own) throw new TypeError('it imports nothing')
      const scene = { baseUrl: engine.url, modelsDir, library, model }
      const at = volume ? step : Math.min(step, 4)
      await own.undo(await killedAtStep(at, scene), notAborted())
      expect(await readdir(modelsDir)).toEqual([])
      const told = await killedAtStep(at, scene)
      const { name, added } = await own.perform(model, await own.plan(model, notAborted()), importing({ recorded: told }))
      expect(name).toBe('tiny')
      expect(await filesBelow(modelsDir)).toEqual(Object.keys(weights).map((file) => `lab/Tiny-GGUF/${file}`))
      for (const { name: file, path } of model.weights)
        expect((await readFile(join(modelsDir, 'lab/Tiny-GGUF', file))).equals(await readFile(path))).toBe(true)
      expect(added).toHaveLength(2)
      await own.undo(added, notAborted())
      expect(await readdir(modelsDir)).toEqual([])
      await provider.close()
    } finally {
      await rm(base, { recursive: true, force: true })
    }
  })
})
