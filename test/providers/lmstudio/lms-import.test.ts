/** LM Studio's own command is asked where its folder is not known, and not believed. */
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { untilSeen } from '../../../src/providers/openai-chat/index.ts'
import { asOtherUser, canBeOther } from '../../support/as-other-user.ts'
import { filesBelow, importing, modelIn, recordOf } from '../../support/import-model.ts'
import { notAborted } from '../openai-chat/scripted-engine.ts'
import { code, type Scene, withStudio } from './with-studio.ts'

const shards = { 'tiny-Q8_0-00001-of-00002.gguf': 'first', 'tiny-Q8_0-00002-of-00002.gguf': 'second' }

/** Copies as the command does, below the user's home. */
const obedient = `
const { copyFileSync, mkdirSync } = require('node:fs')
const { basename, join } = require('node:path')
const [, copy, yes, flag, repo, file] = process.argv.slice(2)
const folder = join(__dirname, '../models', repo)
mkdirSync(folder, { recursive: true })
copyFileSync(file, join(folder, basename(file)))
console.error('File moved')`

describe('where its folder is not known the lms command', () => {
  it('copies each file: told the target, an absolute source, and nothing to ask', async () => {
    await withStudio({ bare: true, lms: obedient }, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      expect(decision).toMatchObject({ strategy: 'lms', extraBytes: 11 })
      const imported = await scene.importing.perform(model, decision, importing())
      expect(imported.name).toBe('tiny')
      const calls = (await readFile(scene.log, 'utf8')).trim().split(/\s*\n/)
      expect(calls).toEqual(model.weights.map(({ path }) => `import --copy -y --user-repo lab/Tiny-GGUF ${path}`))
      await scene.importing.undo(imported.added, notAborted())
      expect(await readdir(scene.folder)).toEqual([])
    })
  })

  it.each([
    ['exits 0 and has done nothing', '', 'import_failed'],
    ['waits for an answer that never comes', 'process.stdin.resume(); setInterval(() => {}, 1000)', 'timeout'],
    ['does not even end when it is asked to', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", 'timeout'],
    [
      'prints without end',
      "const pour = () => { while (process.stdout.write('x'.repeat(65536))); process.stdout.once('drain', pour) }; pour()",
      'import_failed',
    ],
    ['fails with a word', "console.error('Target file already exists'); process.exit(1)", 'import_failed'],
  ])('that %s is not believed', async (_, lms, expected) => {
    const slow = expected === 'timeout'
    await withStudio({ bare: true, lms, limits: { listedMs: 300, lmsMs: slow ? 1500 : 30_000 } }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      const decision = await scene.importing.plan(model, notAborted())
      await expect(scene.importing.perform(model, decision, importing())).rejects.toMatchObject(code(expected))
      expect((await readdir(scene.library, { recursive: true })).length).toBe(3)
    })
  })

  /** Somebody's file under the name, put there after the plan. */
  const put = async (scene: Scene, bytes: string | Uint8Array): Promise<string> => {
    const path = join(scene.folder, 'lab/Tiny-GGUF/tiny.gguf')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    return path
  }

  it('is not asked for a file that lies there: the same is left as it is, another is a conflict, and both stay', async () => {
    await withStudio({ bare: true, lms: obedient }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      const decision = await scene.importing.plan(model, notAborted())
      const path = await put(scene, 'theirs!')
      await expect(scene.importing.perform(model, decision, importing())).rejects.toMatchObject(code('conflict'))
      expect(await readFile(path, 'utf8')).toBe('theirs!')
      await put(scene, 'weights')
      expect(await scene.importing.perform(model, decision, importing())).toMatchObject({ name: 'tiny', added: [] })
      expect(await readFile(scene.log, 'utf8').catch(() => 'no call')).toBe('no call')
    })
  })

  it('is not asked for what the volume has no room for', async () => {
    await withStudio({ bare: true, lms: obedient }, async (scene) => {
      const model = await modelIn(scene.library, { weights: shards })
      const decision = await scene.importing.plan(model, notAborted())
      await mkdir(scene.folder, { recursive: true })
      const huge = { ...model, weights: model.weights.map((file) => ({ ...file, bytes: 2 ** 50 })) }
      const failed = scene.importing.perform(huge, decision, importing())
      await expect(failed).rejects.toMatchObject({ code: 'disk_full', details: { volumes: [{ neededBytes: 2 ** 51 }] } })
      expect(await readFile(scene.log, 'utf8').catch(() => 'no call')).toBe('no call')
    })
  })

  it('that refuses what somebody put there meanwhile leaves it, and so does taking back', async () => {
    const refusing = `
      const { mkdirSync, writeFileSync } = require('node:fs')
      const folder = require('node:path').join(__dirname, '../models/lab/Tiny-GGUF')
      mkdirSync(folder, { recursive: true })
      writeFileSync(folder + '/tiny.gguf', 'theirs!')
      console.error('Target file already exists')
      process.exit(1)`
    await withStudio({ bare: true, lms: refusing }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      const decision = await scene.importing.plan(model, notAborted())
      const kept = recordOf()
      await expect(scene.importing.perform(model, decision, importing(kept))).rejects.toMatchObject(code('import_failed'))
      expect(kept.all()).toHaveLength(1)
      await scene.importing.undo(kept.all(), notAborted())
      expect(await filesBelow(scene.folder)).toEqual(['lab/Tiny-GGUF/tiny.gguf'])
    })
  })

  it('that is ended in the middle of a copy leaves no half of it, nor does one that was killed with us', async () => {
    const whole = Buffer.alloc(300_000, 'weights')
    const slow = `
      const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
      const folder = require('node:path').join(__dirname, '../models/lab/Tiny-GGUF')
      mkdirSync(folder, { recursive: true })
      writeFileSync(folder + '/tiny.gguf', readFileSync(process.argv.at(-1)).subarray(0, 200_000))
      setInterval(() => {}, 1000)`
    await withStudio({ bare: true, lms: slow }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': whole } })
      const decision = await scene.importing.plan(model, notAborted())
      const abort = new AbortController()
      const performing = scene.importing.perform(model, decision, { signal: abort.signal })
      const failed = performing.catch((error: unknown) => error)
      const size = async (): Promise<number> =>
        (await stat(join(scene.folder, 'lab/Tiny-GGUF/tiny.gguf')).catch(() => undefined))?.size ?? 0
      await untilSeen(async () => ((await size()) === 200_000 ? true : undefined), notAborted())
      abort.abort()
      expect(await failed).toMatchObject(code('cancelled'))
      expect(await readdir(scene.folder)).toEqual([])
    })
    await withStudio({ bare: true, lms: obedient }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': whole } })
      const decision = await scene.importing.plan(model, notAborted())
      const what = await put(scene, whole.subarray(0, 200_000))
      const { added } = await scene.importing.perform(model, decision, importing({ recorded: [{ kind: 'file', what }] }))
      expect([added.length, (await readFile(what)).equals(whole)]).toEqual([1, true])
      expect((await scene.importing.perform(model, decision, importing({ recorded: added }))).added).toEqual(added)
      await scene.importing.undo(added, notAborted())
      expect(await readdir(scene.folder)).toEqual([])
    })
  })

  it('that was killed with us leaves a half, which goes when the import is given up; a file that begins otherwise stays', async () => {
    const whole = Buffer.alloc(300_000, 'weights')
    await withStudio({ bare: true, lms: obedient }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': whole } })
      const what = await put(scene, Buffer.alloc(200_000, 'others!'))
      const announced = { kind: 'file', what, from: model.weights[0]?.path } as const
      await scene.importing.undo([announced], notAborted())
      expect(await filesBelow(scene.folder)).toEqual(['lab/Tiny-GGUF/tiny.gguf'])
      await put(scene, whole)
      await scene.importing.undo([announced], notAborted())
      expect(await filesBelow(scene.folder)).toEqual(['lab/Tiny-GGUF/tiny.gguf'])
      await put(scene, whole.subarray(0, 200_000))
      await scene.importing.undo([announced], notAborted())
      expect(await readdir(scene.folder)).toEqual([])
    })
  })

  it.skipIf(!canBeOther)('is asked too where the folder may not be written', async () => {
    await withStudio({ lms: obedient }, async (scene) => {
      const model = await modelIn(scene.library, { weights: { 'tiny.gguf': 'weights' } })
      await chmod(scene.home, 0o755)
      await chmod(scene.folder, 0o755)
      const said = await asOtherUser(`
        const { createLmStudio } = await load('providers/lmstudio/index.ts')
        const config = { id: 'lmstudio', kind: 'lmstudio', enabled: true, baseUrl: ${JSON.stringify(scene.engine.url)} }
        const provider = createLmStudio(config, { userHome: ${JSON.stringify(scene.home)}, library: ${JSON.stringify(scene.library)} })
        console.log(JSON.stringify(await provider.importing.plan(${JSON.stringify(model)}, AbortSignal.timeout(20000))))
        await provider.close()`)
      expect(JSON.parse(said)).toMatchObject({ strategy: 'lms', extraBytes: 7, reason: expect.stringContaining('cannot be written') })
    })
  })
})
